// Every operation on the bus that there is to try, and by hand, apart from the code that computes it, who needs which.
import { roles, type StreamName, streams } from '@triage/contracts'
import { type User, users } from './layout.ts'

const incident = 'inc-20260101-1'
const fact = (name: string): string => `incident.${incident}.${name}`
const api = (...words: string[]): string => `$JS.API.${words.join('.')}`
const reads = (...names: StreamName[]): string[] => names.flatMap((name) => [api('STREAM.INFO', name), api('STREAM.MSG.GET', name)])
const pulls = (stream: StreamName, durable: string): string[] => [
  api('CONSUMER.INFO', stream, durable),
  api('CONSUMER.MSG.NEXT', stream, durable),
  `$JS.ACK.${stream}.${durable}.1.1.1.1.0`
]
const follows = (stream: StreamName, role: string): string[] => [...reads(stream), ...pulls(stream, `${role}-1`)]
const lives = (role: string): string[] => [`epoch.${role}`, `heartbeat.${role}.1`, `audit.record.${role}`]
const serves = (agent: string): string[] => [
  ...reads('TAKEN'),
  ...pulls('TASKS', agent),
  `taken.${agent}.scheduler.7.1`,
  `deadletter.${agent}`,
  fact('task-finished')
]

const following = ['gateway', 'planner', 'scheduler', 'log-agent', 'metric-agent', 'monitor', 'auditor']
const working: [StreamName, string, string][] = [
  ['INTAKE', 'gateway', 'incident.report'],
  ['TASKS', 'log-agent', 'task.log-agent'],
  ['TASKS', 'metric-agent', 'task.metric-agent'],
  ['TASKS', 'action-agent', 'task.action-agent']
]

/** What each user must be able to publish, and to subscribe to, with one instance of each role. Everything else must be refused. */
export const needs: Record<User, { publish: string[]; subscribe: string[] }> = {
  provisioner: {
    publish: [
      ...Object.keys(streams).map((stream) => api('STREAM.CREATE', stream)),
      ...following.map((role) => api('CONSUMER.CREATE.INCIDENTS', `${role}-1`)),
      api('CONSUMER.CREATE.EFFECTS.auditor-1'),
      api('CONSUMER.CREATE.SAFETY.auditor-1'),
      api('CONSUMER.CREATE.CHECKPOINTS.monitor-1'),
      api('CONSUMER.CREATE.RECORDS.auditor-1'),
      ...working.map(([stream, role, subject]) => api('CONSUMER.CREATE', stream, role, subject))
    ],
    subscribe: []
  },
  gateway: {
    publish: [
      ...lives('gateway'),
      ...follows('INCIDENTS', 'gateway'),
      ...pulls('INTAKE', 'gateway'),
      api('STREAM.MSG.DELETE', 'INTAKE'),
      ...['opened', 'report-merged', 'report-rejected'].map(fact),
      'incident.report',
      'deadletter.gateway'
    ],
    subscribe: []
  },
  planner: { publish: [...lives('planner'), ...follows('INCIDENTS', 'planner'), fact('plan-proposed')], subscribe: [] },
  scheduler: {
    publish: [
      ...lives('scheduler'),
      ...follows('INCIDENTS', 'scheduler'),
      ...[
        'plan-accepted',
        'plan-rejected',
        'tasks-dispatched',
        'task-abandoned',
        'plan-finished',
        'question-asked',
        'replan-requested',
        'escalated'
      ].map(fact),
      ...['log-agent', 'metric-agent', 'action-agent'].map((agent) => `task.${agent}`),
      'lease.scheduler',
      ...reads('LEASES')
    ],
    subscribe: ['heartbeat.*.*', 'heartbeat.planner.1']
  },
  'log-agent': {
    publish: [...lives('log-agent'), ...follows('INCIDENTS', 'log-agent'), ...serves('log-agent'), fact('observed')],
    subscribe: []
  },
  'metric-agent': {
    publish: [...lives('metric-agent'), ...follows('INCIDENTS', 'metric-agent'), ...serves('metric-agent'), fact('observed')],
    subscribe: []
  },
  'action-agent': {
    publish: [
      ...lives('action-agent'),
      ...serves('action-agent'),
      ...reads('EFFECTS', 'SAFETY'),
      `effect.${incident}-1-restart`,
      fact('approval-requested')
    ],
    subscribe: []
  },
  monitor: {
    publish: [
      ...lives('monitor'),
      ...follows('INCIDENTS', 'monitor'),
      ...follows('CHECKPOINTS', 'monitor'),
      'audit.cosignature',
      '_INBOX_auditor_answer.x.1',
      '_INBOX_operator_answer.x.1',
      ...['observed', 'approval-lapsed', 'deviation-detected', 'recovered', 'cancelled'].map(fact)
    ],
    subscribe: ['control.monitor']
  },
  auditor: {
    publish: [
      ...lives('auditor'),
      ...(['INCIDENTS', 'EFFECTS', 'SAFETY', 'RECORDS'] as const).flatMap((stream) => follows(stream, 'auditor')),
      ...reads('AUDIT', 'CHECKPOINTS'),
      'audit.log',
      'audit.checkpoint',
      'control.monitor'
    ],
    subscribe: ['_INBOX_auditor_answer.>']
  },
  injector: { publish: [...lives('injector'), '_INBOX_operator_answer.x.1'], subscribe: ['control.injector'] },
  operator: {
    publish: [
      ...lives('operator'),
      ...reads('INTAKE', 'INCIDENTS', 'EFFECTS', 'SAFETY', 'RECORDS', 'AUDIT', 'CHECKPOINTS', 'DEADLETTER'),
      ...['approval-granted', 'approval-denied', 'approval-changed', 'question-answered'].map(fact),
      'safety.mode',
      'control.injector',
      'control.monitor',
      'incident.report'
    ],
    subscribe: [
      'heartbeat.*.*',
      'heartbeat.planner.1',
      'incident.*.*',
      fact('opened'),
      'audit.log',
      'deadletter.*',
      '_INBOX_operator_answer.>'
    ]
  },
  reporter: { publish: ['incident.report'], subscribe: [] },
  observer: {
    publish: reads('INCIDENTS', 'SAFETY', 'AUDIT', 'CHECKPOINTS', 'DEADLETTER'),
    subscribe: ['incident.>', 'incident.*.*', 'incident.report', fact('opened'), 'audit.log', 'deadletter.*']
  }
}
for (const user of users) needs[user].subscribe.push(`_INBOX_${user}.>`)

const everyStream = Object.keys(streams).flatMap((stream) => [
  ...['CREATE', 'UPDATE', 'DELETE', 'PURGE', 'INFO', 'MSG.GET', 'MSG.DELETE', 'SNAPSHOT', 'RESTORE'].map((verb) =>
    api(`STREAM.${verb}`, stream)
  ),
  api('DIRECT.GET', stream),
  ...['CREATE', 'LIST', 'NAMES'].map((verb) => api(`CONSUMER.${verb}`, stream)),
  ...['CREATE', 'DURABLE.CREATE', 'DELETE', 'PAUSE', 'INFO', 'MSG.NEXT'].map((verb) => api(`CONSUMER.${verb}`, stream, 'mine')),
  `$JS.ACK.${stream}.mine.1.1.1.1.0`
])

/** Subjects that somebody may want to publish on. */
export const publishing: readonly string[] = [
  ...new Set([
    ...Object.values(needs).flatMap(({ publish }) => publish),
    ...everyStream,
    ...roles.flatMap((role) => [...lives(role), `task.${role}`, `taken.${role}.scheduler.7.1`, `deadletter.${role}`, `lease.${role}`]),
    ...users.flatMap((user) => [`_INBOX_${user}.x.1`, `_INBOX_${user}_answer.x.1`]),
    ...['INFO', 'STREAM.LIST', 'STREAM.NAMES', 'ACCOUNT.PURGE.$G', 'META.LEADER.STEPDOWN'].map((verb) => api(verb)),
    ...['$SYS.REQ.SERVER.PING', '$SYS.REQ.SERVER.RELOAD', '$JS.EVENT.ADVISORY.x', '$JS.FC.INCIDENTS.x', '$KV.EPOCHS.planner', 'anything'],
    ...['invented', 'opened.more'].map(fact),
    'incident.report.more'
  ])
]

/** Subjects that somebody may want to hear. */
export const subscribing: readonly string[] = [
  ...new Set([
    ...Object.values(needs).flatMap(({ subscribe }) => subscribe),
    ...['>', '*', '*.>', '$JS.>', '$JS.API.>', '$JS.ACK.>', '$JS.EVENT.>', '$SYS.>', '_INBOX.>'],
    ...[
      'incident.*',
      'task.*',
      'task.>',
      'effect.>',
      'audit.>',
      'audit.record.*',
      'heartbeat.>',
      'control.>',
      'epoch.*',
      'lease.*',
      'taken.>'
    ],
    ...['task.action-agent', 'audit.record.planner', 'lease.scheduler', 'anything'],
    ...users.flatMap((user) => [`_INBOX_${user}.x.*`, `_INBOX_${user}_answer.>`])
  ])
]
