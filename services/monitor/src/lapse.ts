// What a human is asked to allow, and is not needed any more. Pure.
import { limits } from '@triage/contracts'
import { awaited, type Draft, firing, type IncidentState } from '@triage/incident'
import type { Watched } from './verify.ts'

/**
 * The monitor's word on a plan that does nothing but wait for humans: once all has agreed for long, and no alert fires, what it asks for
 * lapses. Who is first on record is right, this or the human: the task goes out with an approval that counts, or not at all.
 */
export function lapse(state: IncidentState, { agreesSince, checks }: Watched, now: number): Draft[] {
  const agreed = agreesSince !== null && now - agreesSince >= limits.lapse_window_ms
  if (!agreed || firing(state.alerts).length > 0) return []
  return awaited(state).map(({ approval_id, plan_version, task_id }) => ({
    type: 'incident.approval-lapsed.v1',
    key: approval_id,
    plan_version,
    payload: { approval_id, plan_version, task_id, window_ms: now - agreesSince, checks }
  }))
}
