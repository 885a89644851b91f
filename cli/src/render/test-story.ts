// For tests: one fact of each type, and a small story of an incident.
import type { FactType, Observation, PayloadByType, Plan, Task } from '@triage/contracts'
import { type Draft, type Fact, factMessageId } from '@triage/incident'

export const id = 'inc-20260101-1'
export const start = Date.parse('2026-01-01T12:00:00.000Z')
const iso = (ms: number): string => new Date(start + ms).toISOString()
const plan_id = 'plan-0123456789abcdef'
const error = { code: 'E_REPORT_EMPTY', message: 'the report is empty' }
const report = { text: 'checkout is down', truncated: false, sha256: 'a'.repeat(64), bytes: 16, intake_seq: 1, received_at: iso(0) }

export const exited: Observation = {
  observation_id: 'obs-1',
  kind: 'state',
  service: 'orders',
  at: iso(0),
  summary: 'orders is exited after SIGKILL',
  attributes: { status: 'exited', desired: 'running' }
}
const task = (task_id: string, type: string, assigned_to: Task['assigned_to'], dependencies: string[] = []): Task => ({
  task_id,
  type,
  target: 'orders',
  args: {},
  dependencies,
  assigned_to,
  estimated_cost_ms: 1
})
export const plan: Plan = {
  plan_id,
  incident_id: id,
  plan_version: 1,
  created_at: iso(0),
  root_goal: 'Start orders',
  hypothesis: { service: 'orders', cause: 'process_exited', confidence: 0.92, evidence: ['obs-1'], statement: 'orders died' },
  // Not in the order in which they are carried out.
  tasks: [
    task('check', 'probe.check', 'metric-agent', ['start']),
    task('start', 'service.start', 'action-agent', ['look']),
    task('look', 'logs.query', 'log-agent')
  ]
}
const finished = (task_id: string, from: number, to: number, attempt = 1): PayloadByType['incident.task-finished.v1'] => ({
  plan_version: 1,
  task_id,
  attempt,
  status: 'succeeded',
  summary: `${task_id} went well`,
  observations: [],
  started_at: iso(from),
  finished_at: iso(to)
})
const dispatched = (task_id: string, attempt = 1): PayloadByType['incident.tasks-dispatched.v1'] => ({
  plan_version: 1,
  tasks: [{ task_id, attempt, deadline: iso(30_000) }]
})

const about = { approval_id: 'apr-0123456789abcdef', plan_version: 1, task_id: 'start' }
const question = 'Was orders stopped on purpose?'
const signed = { statement: '{}', signature: `${'A'.repeat(86)}==`, key_id: '0123456789abcdef' }

export const payloads: Pick<PayloadByType, FactType> = {
  'incident.opened.v1': { report },
  'incident.report-merged.v1': { report },
  'incident.report-rejected.v1': { error, sha256: 'a'.repeat(64), bytes: 0, intake_seq: 1, received_at: iso(0) },
  'incident.observed.v1': { round: 0, collector: 'monitor', observations: [exited], omitted: 0, took_ms: 5 },
  'incident.plan-proposed.v1': { round: 0, source: 'rulebook', plan, considered: [] },
  'incident.plan-accepted.v1': { plan_id, plan_version: 1 },
  'incident.plan-rejected.v1': { plan_id, plan_version: 1, errors: [{ code: 'E_PLAN_CYCLE', message: 'a needs b needs a' }] },
  'incident.tasks-dispatched.v1': dispatched('look', 2),
  'incident.task-finished.v1': finished('look', 1_000, 1_250),
  'incident.approval-requested.v1': {
    ...about,
    plan_id,
    task: plan.tasks[1]!,
    fence: 1,
    why: 'the last healthy replica',
    policies: ['last-healthy-replica'],
    expires_at: iso(1_800_000)
  },
  'incident.approval-granted.v1': { ...about, signed },
  'incident.approval-denied.v1': { ...about, reason: 'not now' },
  'incident.approval-lapsed.v1': { ...about, window_ms: 30_000, checks: 30 },
  'incident.approval-changed.v1': { ...about, plan, signed },
  'incident.question-asked.v1': { plan_version: 1, task_id: 'ask', question, expires_at: iso(120_000) },
  'incident.question-answered.v1': { plan_version: 1, task_id: 'ask', answer: 'No.' },
  'incident.task-abandoned.v1': { plan_version: 1, task_id: 'look', attempt: 1, reason: 'agent_lost' },
  'incident.plan-finished.v1': { plan_version: 1, outcome: 'completed', failed_tasks: [] },
  'incident.deviation-detected.v1': { plan_version: 1, reason: 'unhealthy', disagreements: ['orders is exited'] },
  'incident.replan-requested.v1': { round: 1, reason: 'deviation' },
  'incident.recovered.v1': { how: 'by_action', window_ms: 3_000, checks: 6, summary: 'The service is well again.' },
  'incident.escalated.v1': { reason: 'out_of_time', summary: 'It was open for too long.\nLook at: orders.' },
  'incident.cancelled.v1': { reason: 'no_fault_found', summary: 'Nothing was wrong.' }
}

/** A fact that was said so many milliseconds after the start. */
export const fact = <T extends FactType>(
  type: T,
  at = 0,
  payload: Pick<PayloadByType, FactType>[T] = payloads[type],
  key = `${at}`
): Fact => ({ type, id: factMessageId(id, { type, key } as Draft), incident_id: id, issuer: 'test', at: start + at, payload }) as Fact

/** orders died, was started again at the second attempt, and recovered after ten seconds. */
export const story: Fact[] = [
  fact('incident.opened.v1', 0),
  fact('incident.observed.v1', 1_000),
  fact('incident.plan-proposed.v1', 1_200),
  fact('incident.plan-accepted.v1', 1_500),
  fact('incident.tasks-dispatched.v1', 1_600, dispatched('look')),
  fact('incident.task-finished.v1', 1_900, finished('look', 1_650, 1_900)),
  fact('incident.tasks-dispatched.v1', 2_000, dispatched('start', 2)),
  fact('incident.task-finished.v1', 3_000, finished('start', 2_000, 3_000, 2)),
  fact('incident.tasks-dispatched.v1', 3_100, dispatched('check')),
  fact('incident.task-finished.v1', 5_100, finished('check', 3_100, 5_100)),
  fact('incident.plan-finished.v1', 5_500),
  fact('incident.recovered.v1', 10_000)
]

/** A model wants to know something before it plans, and a human is asked. */
export const asked: Fact[] = [
  ...story.slice(0, 2),
  fact('incident.plan-proposed.v1', 1_200, {
    ...payloads['incident.plan-proposed.v1'],
    source: 'ollama/small',
    plan: { ...plan, root_goal: 'Ask a human about orders', tasks: [], clarifying_tasks: [{ task_id: 'ask', question }] }
  }),
  fact('incident.plan-accepted.v1', 1_500),
  fact('incident.question-asked.v1', 1_600),
  fact('incident.plan-finished.v1', 1_700)
]
