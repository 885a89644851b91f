// One valid payload of each message type.
import type { Inventory, Observation, PayloadByType, Plan, ReceivedReport } from '@triage/contracts'
import { act } from '@triage/contracts/testing'

const at = '2026-01-01T12:00:00.000Z'
const sha256 = 'a'.repeat(64)
const error = { code: 'E_REPORT_EMPTY', message: 'the report is empty' }

export const incident_id = 'inc-20260101-1'
const plan_version = 1
const plan_id = 'plan-0123456789abcdef'
const idempotency_key = `${incident_id}-1-start`

const report: ReceivedReport = { text: 'checkout throws 500s', truncated: false, sha256, bytes: 20, intake_seq: 1, received_at: at }
const observation: Observation = {
  observation_id: 'obs-mo-r0-1',
  kind: 'state',
  service: 'orders',
  at,
  summary: 'orders exited',
  attributes: { status: 'exited', desired: 'running' }
}
const inventory: Inventory = {
  runtime: 'process',
  taken_at: at,
  services: [
    {
      name: 'orders',
      kind: 'service',
      managed: true,
      depends_on: [],
      probes: [],
      desired_replicas: 1,
      status: 'exited',
      actions: ['service.start']
    }
  ]
}
const task = act('start')
const hypothesis = { service: 'orders', cause: 'process_exited', confidence: 0.9, evidence: ['obs-mo-r0-1'], statement: 'orders died' }
const plan: Plan = { plan_id, incident_id, plan_version, created_at: at, root_goal: 'start orders', hypothesis, tasks: [task] }
const asked = { approval_id: 'apr-0123456789abcdef', plan_version, task_id: 'start' }
const signed = { statement: '{}', signature: `${'A'.repeat(86)}==`, key_id: '0123456789abcdef' }
const attempt = { plan_version, task_id: 'start', attempt: 1 }

export const samples: PayloadByType = {
  'incident.opened.v1': { report },
  'incident.report-merged.v1': { report },
  'incident.report-rejected.v1': { error, sha256, bytes: 0, intake_seq: 1, received_at: at },
  'incident.observed.v1': { round: 0, collector: 'monitor', observations: [observation], omitted: 0, inventory, took_ms: 12.5 },
  'incident.plan-proposed.v1': { round: 0, source: 'rulebook', plan, considered: [hypothesis] },
  'incident.plan-accepted.v1': { plan_id, plan_version },
  'incident.plan-rejected.v1': { plan_id, plan_version, errors: [error] },
  'incident.tasks-dispatched.v1': { plan_version, tasks: [{ task_id: 'start', attempt: 1, deadline: at }] },
  'incident.task-finished.v1': { ...attempt, status: 'succeeded', summary: 'started', observations: [], started_at: at, finished_at: at },
  'incident.approval-requested.v1': {
    ...asked,
    plan_id,
    task,
    fence: 1,
    why: 'the last healthy replica',
    policies: ['last-healthy-replica'],
    expires_at: at
  },
  'incident.approval-granted.v1': { ...asked, signed },
  'incident.approval-denied.v1': { ...asked, reason: 'not now' },
  'incident.approval-lapsed.v1': { ...asked, window_ms: 30_000, checks: 30 },
  'incident.approval-changed.v1': { ...asked, plan, signed },
  'incident.question-asked.v1': { plan_version, task_id: 'ask', question: 'Was orders stopped on purpose?', expires_at: at },
  'incident.question-answered.v1': { plan_version, task_id: 'ask', answer: 'No.' },
  'incident.task-abandoned.v1': { ...attempt, reason: 'timed_out' },
  'incident.plan-finished.v1': { plan_version, outcome: 'completed', failed_tasks: [] },
  'incident.deviation-detected.v1': { plan_version, reason: 'unhealthy', disagreements: ['orders does not answer'] },
  'incident.replan-requested.v1': { round: 1, reason: 'deviation' },
  'incident.recovered.v1': { how: 'by_action', window_ms: 3000, checks: 6, summary: 'It is well again.' },
  'incident.escalated.v1': { reason: 'replans_exhausted', summary: 'A human must look.' },
  'incident.cancelled.v1': { reason: 'no_fault_found', summary: 'Nothing was wrong.' },
  'task.request.v1': { incident_id, plan_version, plan_id, attempt: 1, task, idempotency_key, deadline: at },
  'effect.intent.v1': {
    state: 'intent',
    idempotency_key,
    action: 'service.start',
    target: 'orders',
    args_sha256: sha256,
    snapshot: { status: 'exited', run_id: 'orders-1' },
    policies: ['reversible-at-once']
  },
  'effect.outcome.v1': { state: 'outcome', idempotency_key, result: 'committed' },
  'safety.mode.v1': signed,
  'record.planner-run.v1': {
    incident_id,
    round: 0,
    planner: 'rulebook',
    input: '{}',
    input_sha256: sha256,
    output: '{}',
    output_sha256: sha256,
    started_at: at,
    took_ms: 3
  },
  'record.refusal.v1': { subject: 'task.log-agent', code: 'E_MESSAGE_MAC', message_sha256: sha256, bytes: 100 },
  'heartbeat.v1': {
    role: 'planner',
    instance: '1',
    pid: 4242,
    started_at: at,
    ready: true,
    in_flight: 0,
    rss_bytes: 70_000_000,
    refused: 0,
    keys: { signs_with: 'k1', accepts: ['k1'] }
  },
  'control.inject-request.v1': { command: 'inject', fault: 'process_kill', target: 'catalog', seed: 1, lease_s: 60 },
  'control.inject-response.v1': {
    ok: true,
    injections: [{ injection_id: 'inj-1', fault: 'process_kill', target: 'catalog', at, ends_at: at }]
  }
}
