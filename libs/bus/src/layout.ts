// Who reads what, and how: the part of the bus that the subject grammar does not say. Streams, consumers and permissions are made from both.
import { limits, type Role, roles, type StreamName } from '@triage/contracts'

/** Whoever has a key of its own on the bus: the roles, and those who set it up, report to it or look at it. */
export const users = ['provisioner', ...roles, 'reporter', 'observer'] as const
export type User = (typeof users)[number]

/** Instance names of each role. */
export type Instances = Readonly<Partial<Record<Role, readonly string[]>>>

/** How long a worker may be silent before its message goes to another. */
export const ackWaitMs = limits.heartbeat_lost_ms
/** A message that was delivered this often and never done is poison. */
export const maxDeliver = 5

/** Name of the durable consumer with which an instance follows a stream. Those that work off a queue share one, named after their role. */
export const consumerOf = (role: string, instance: string): string => `${role}-${instance}`

/** Which roles follow which stream, each instance with a durable consumer of its own. */
export const followers: readonly { stream: StreamName; roles: readonly Role[] }[] = [
  { stream: 'INCIDENTS', roles: ['gateway', 'planner', 'scheduler', 'log-agent', 'metric-agent', 'monitor', 'auditor'] },
  { stream: 'EFFECTS', roles: ['auditor'] },
  { stream: 'SAFETY', roles: ['auditor'] },
  { stream: 'RECORDS', roles: ['auditor'] },
  { stream: 'CHECKPOINTS', roles: ['monitor'] }
]

/** Who takes messages one at a time off which stream. Instances of one role share their consumer. */
export const workers: readonly { stream: StreamName; role: Role; subject: string }[] = [
  { stream: 'INTAKE', role: 'gateway', subject: 'incident.report' },
  { stream: 'TASKS', role: 'log-agent', subject: 'task.log-agent' },
  { stream: 'TASKS', role: 'metric-agent', subject: 'task.metric-agent' },
  { stream: 'TASKS', role: 'action-agent', subject: 'task.action-agent' }
]

/** Which streams people read beside those whose readers the grammar names: by sequence number, or the last message of a subject. */
export const onlookers: readonly { user: User; streams: readonly StreamName[] }[] = [
  { user: 'operator', streams: ['INTAKE', 'INCIDENTS', 'EFFECTS', 'RECORDS'] },
  { user: 'observer', streams: ['INCIDENTS'] }
]

/** Who may erase messages of which stream; of all others nothing is taken away. */
export const erasers: readonly { stream: StreamName; user: User }[] = [{ stream: 'INTAKE', user: 'gateway' }]

/** Who hears the durable subjects as they are published, to know when to read. */
export const watchers: readonly { user: User; subjects: readonly string[] }[] = [
  { user: 'operator', subjects: ['incident.*.*', 'audit.log', 'deadletter.*'] },
  { user: 'observer', subjects: ['incident.>', 'audit.log', 'deadletter.*'] }
]

/** Where a user gets what it asked the server for; nobody else may listen there, no user may publish there. */
export const inboxOf = (user: string): string => `_INBOX_${user}`
/** Where a user gets other users' answers. Apart from its inbox, so that who may answer cannot pretend to be the server. */
export const answerInboxOf = (user: string): string => `_INBOX_${user}_answer`
