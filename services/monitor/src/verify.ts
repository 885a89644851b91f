// Whether the world agrees with a finished plan. Pure.
import { limits } from '@triage/contracts'
import { clarifyingTask, type Draft, firing, type IncidentState, type PlanRun } from '@triage/incident'
import { isSymptom } from './symptom.ts'

/** What was seen since the plan finished. */
export interface Watched {
  /** Since when everything has agreed without a break, milliseconds since the epoch; null: it does not agree now. */
  agreesSince: number | null
  /** Looks since then. */
  checks: number
  /** What disagreed at the last look that disagreed. */
  lastDisagreements: string[]
}

/** A plan that failed has promised nothing: the world gets less time to agree with it. */
const failedDeadlineMs = 5_000

const wasIll = (state: IncidentState): boolean =>
  state.observed.some(({ observations }) => observations.some(isSymptom)) ||
  state.plans.some((run) => run.deviation) ||
  Object.keys(state.alerts).length > 0

const changedSomething = (state: IncidentState): boolean =>
  state.plans.some(({ plan, tasks }) =>
    plan.tasks.some((task) => task.assigned_to === 'action-agent' && tasks[task.task_id]!.status === 'succeeded')
  )

/** Nobody has seen what was reported, and no alert has. */
const nothingSeen = (state: IncidentState): boolean => !changedSomething(state) && !wasIll(state)

function agreement(state: IncidentState, watched: Watched, windowMs: number): Draft {
  const window = `probes, telemetry and desired state agreed ${watched.checks} times in ${(windowMs / 1000).toFixed(1)} s`
  if (nothingSeen(state)) {
    return {
      type: 'incident.cancelled.v1',
      key: 'end',
      payload: { reason: 'no_fault_found', summary: `Nothing was wrong and nothing was touched: ${window}.` }
    }
  }
  const how = changedSomething(state) ? 'by_action' : 'by_itself'
  const summary =
    how === 'by_action' ? `The service is well again: ${window}.` : `It is well again by itself and nothing was touched: ${window}.`
  return { type: 'incident.recovered.v1', key: 'end', payload: { how, window_ms: windowMs, checks: watched.checks, summary } }
}

/** The monitor's verdict on the current plan, or null while it cannot be given yet. */
export function verify(state: IncidentState, watched: Watched, now: number): Draft | null {
  const run = state.plans.at(-1)
  if (!run?.finished || run.deviation || state.end) return null
  const windowMs = watched.agreesSince === null ? 0 : now - watched.agreesSince
  const stillFiring = firing(state.alerts).map(({ name, service }) => `the alert ${name}${service ? ` of ${service}` : ''} still fires`)
  // Who raised an alert sees what nobody here may see: it takes part in the agreement, and gets its time to look again.
  if (watched.agreesSince !== null && stillFiring.length > 0)
    return now < run.finished.at + limits.alert_resolve_ms ? null : disagreement(run, stillFiring)
  if (watched.agreesSince !== null && windowMs >= (nothingSeen(state) ? limits.dismiss_window_ms : limits.verify_window_ms))
    return agreement(state, watched, windowMs)
  const deadline = run.finished.at + (run.finished.outcome === 'failed' ? failedDeadlineMs : limits.verify_deadline_ms)
  // Once it agrees, the window is waited for, also beyond the deadline.
  if (now < deadline || watched.agreesSince !== null) return null
  return disagreement(run, watched.lastDisagreements)
}

/** A plan that asks a human has promised nothing that the world could deviate from. */
function disagreement({ plan, finished }: PlanRun, disagreements: string[]): Draft | null {
  if (clarifyingTask(plan)) return null
  const { plan_version } = plan
  const reason = finished?.outcome === 'failed' ? 'task_failed' : 'unhealthy'
  return {
    type: 'incident.deviation-detected.v1',
    key: `${plan_version}`,
    plan_version,
    payload: { plan_version, reason, disagreements: disagreements.slice(0, 50) }
  }
}
