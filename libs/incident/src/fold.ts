// State is a fold over facts.
//
// Invariants
// 1. A fact counts once, however often it is folded.
// 2. Folding never throws: a fact that does not fit the state (a late answer, a lost race) changes nothing.
// 3. Nothing is changed in place: the state before stays what it was.
import { limits, type Plan, type ReceivedReport, type SignedStatement } from '@triage/contracts'
import { diffSignature } from '@triage/plan'
import { joinAlerts } from './alerts.ts'
import { answered, asked, changed } from './approvals.ts'
import { inPlan, inTask } from './change.ts'
import type { Fact } from './fact.ts'
import { answer, ask, close } from './question.ts'
import { currentPlan, type IncidentState, type PlanRun, type TaskRun } from './state.ts'

export const initialState = (id: string): IncidentState => ({
  id,
  report: null,
  openedAt: 0,
  rejected: null,
  merged: 0,
  alerts: {},
  round: 0,
  roundAt: 0,
  observed: [],
  pending: [],
  rejected_plans: [],
  change: null,
  question: null,
  waitedMs: 0,
  plans: [],
  end: null,
  lastAt: 0,
  seen: new Set()
})

const newTask = (task_id: string, approval: SignedStatement | null): TaskRun => ({
  task_id,
  status: 'waiting',
  attempt: 0,
  dispatchedAt: 0,
  deadline: 0,
  notBefore: 0,
  result: null,
  asked: null,
  approval
})

/** Exponential backoff before attempt n + 1: 0.5 s, 1 s, … */
const backoffMs = (attempt: number): number => limits.retry_backoff_ms * 2 ** (attempt - 1)

/** A failed attempt: another one later, or failed for good. */
const afterFailure = (task: TaskRun, at: number, retryable: boolean): TaskRun =>
  retryable && task.attempt <= limits.task_retries
    ? { ...task, status: 'waiting', notBefore: at + backoffMs(task.attempt) }
    : { ...task, status: 'failed' }

function accept(state: IncidentState, planId: string, at: number): IncidentState {
  const proposal = state.pending.find((candidate) => candidate.plan.plan_id === planId)
  if (!proposal) return state
  const run: PlanRun = {
    plan: proposal.plan,
    origin: proposal.origin,
    source: proposal.source,
    round: proposal.round,
    signature: diffSignature(currentPlan(state)?.plan ?? null, proposal.plan),
    acceptedAt: at,
    tasks: Object.fromEntries(proposal.plan.tasks.map(({ task_id }) => [task_id, newTask(task_id, proposal.approvals[task_id] ?? null)])),
    finished: null,
    deviation: null
  }
  return { ...state, plans: [...state.plans, run], pending: state.pending.filter((candidate) => candidate !== proposal) }
}

const withAlerts = (state: IncidentState, { alerts }: ReceivedReport): IncidentState =>
  alerts ? { ...state, alerts: joinAlerts(state.alerts, alerts) } : state

/** The plan as it was proposed; what is not even an object with tasks is kept so that it can be refused. */
const signatureOf = (state: IncidentState, plan: Plan): string => diffSignature(currentPlan(state)?.plan ?? null, plan)

function apply(state: IncidentState, fact: Fact): IncidentState {
  const { at } = fact
  switch (fact.type) {
    case 'incident.opened.v1':
      return state.report ? state : { ...withAlerts(state, fact.payload.report), report: fact.payload.report, openedAt: at, roundAt: at }
    case 'incident.report-merged.v1':
      return fact.payload.report.alerts ? withAlerts(state, fact.payload.report) : { ...state, merged: state.merged + 1 }
    case 'incident.report-rejected.v1':
      return { ...state, rejected: fact.payload.error, openedAt: at }
    case 'incident.observed.v1': {
      const { round, collector } = fact.payload
      const known = state.observed.some((entry) => entry.round === round && entry.collector === collector)
      return known ? state : { ...state, observed: [...state.observed, fact.payload] }
    }
    case 'incident.plan-proposed.v1': {
      const { plan, round, source } = fact.payload
      return { ...state, pending: [...state.pending, { plan, round, source, origin: fact.issuer, at, approvals: {} }] }
    }
    case 'incident.plan-accepted.v1':
      return accept(state, fact.payload.plan_id, at)
    case 'incident.plan-rejected.v1': {
      const { plan_id, errors } = fact.payload
      const proposal = state.pending.find((candidate) => candidate.plan.plan_id === plan_id)
      if (!proposal) return state
      const { origin, round, plan } = proposal
      const entry = { plan_id, errors, origin, round, at, signature: signatureOf(state, plan) }
      return {
        ...state,
        pending: state.pending.filter((candidate) => candidate !== proposal),
        rejected_plans: [...state.rejected_plans, entry]
      }
    }
    case 'incident.tasks-dispatched.v1':
      return fact.payload.tasks.reduce(
        (next, { task_id, attempt, deadline }) =>
          inTask(next, { plan_version: fact.payload.plan_version, task_id }, (task) =>
            attempt > task.attempt ? { ...task, status: 'dispatched', attempt, dispatchedAt: at, deadline: Date.parse(deadline) } : task
          ),
        state
      )
    case 'incident.task-finished.v1':
      return inTask(state, fact.payload, (task) => {
        const { status, retryable = false } = fact.payload
        const answered = { ...task, attempt: Math.max(task.attempt, fact.payload.attempt), result: fact.payload }
        return status === 'failed' ? afterFailure(answered, at, retryable) : { ...answered, status }
      })
    case 'incident.approval-requested.v1':
      return asked(state, fact.payload, at)
    case 'incident.approval-granted.v1':
      return answered(state, fact.payload, at, 'granted', { status: 'waiting', notBefore: at, approval: fact.payload.signed })
    case 'incident.approval-denied.v1':
      return answered(state, fact.payload, at, 'denied', { status: 'failed', reason: fact.payload.reason })
    case 'incident.approval-lapsed.v1':
      return answered(state, fact.payload, at, 'lapsed', { status: 'failed', reason: 'all was well without it' })
    case 'incident.approval-changed.v1':
      return changed(state, fact.payload, at, fact.issuer)
    case 'incident.question-asked.v1':
      return ask(state, fact.payload, at)
    case 'incident.question-answered.v1':
      return answer(state, fact.payload, at)
    case 'incident.task-abandoned.v1':
      if (fact.payload.reason === 'approval_expired') return answered(state, fact.payload, at, 'expired', { status: 'failed' })
      return inTask(state, fact.payload, (task) =>
        task.attempt === fact.payload.attempt && task.status === 'dispatched' ? afterFailure(task, at, true) : task
      )
    case 'incident.plan-finished.v1':
      return inPlan(state, fact.payload.plan_version, (run) =>
        run.finished ? run : { ...run, finished: { outcome: fact.payload.outcome, at } }
      )
    case 'incident.deviation-detected.v1': {
      const { plan_version, reason, disagreements } = fact.payload
      return inPlan(state, plan_version, (run) => (run.deviation ? run : { ...run, deviation: { reason, disagreements, at } }))
    }
    case 'incident.replan-requested.v1':
      return fact.payload.round === state.round + 1
        ? {
            ...close(state, at),
            round: fact.payload.round,
            roundAt: at,
            pending: state.change ? [...state.pending, state.change] : state.pending,
            change: null
          }
        : state
    case 'incident.recovered.v1':
      return end(state, 'recovered', fact.payload.how, fact.payload.summary, at)
    case 'incident.escalated.v1':
      return end(state, 'escalated', fact.payload.reason, fact.payload.summary, at)
    case 'incident.cancelled.v1':
      return end(state, 'cancelled', fact.payload.reason, fact.payload.summary, at)
  }
}

const end = (
  state: IncidentState,
  kind: NonNullable<IncidentState['end']>['kind'],
  reason: string,
  summary: string,
  at: number
): IncidentState => (state.end ? state : { ...state, end: { kind, reason, summary, at } })

/** The state after one more fact. */
export function fold(state: IncidentState, fact: Fact): IncidentState {
  if (state.seen.has(fact.id)) return state
  const next = apply(state, fact)
  return { ...next, lastAt: Math.max(state.lastAt, fact.at), seen: new Set(state.seen).add(fact.id) }
}
