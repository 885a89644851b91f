// When a round needs collecting and planning.
import { type Collector, limits } from '@triage/contracts'
import { currentPlan, type IncidentState, nextVersion, observedCollectors } from './state.ts'

const collectors: readonly Collector[] = ['monitor', 'log-agent', 'metric-agent']

const open = (state: IncidentState): boolean => state.report !== null && state.end === null

/** Whether a plan of the current round was already committed. */
const planned = (state: IncidentState): boolean => currentPlan(state)?.round === state.round

/** Whether a collector still has to say what it sees in the current round. */
export const mayCollect = (state: IncidentState, collector: Collector): boolean =>
  open(state) && !planned(state) && !observedCollectors(state).includes(collector)

/** now: make a plan of this version; later: look again then; no: nothing to plan. */
export type PlanningNeed = { when: 'now'; plan_version: number; missing: Collector[] } | { when: 'later'; at: number } | { when: 'no' }

/** Whether the planner has to propose a plan: once a round, when the collectors have reported or their time is up. The monitor is always waited for: it brings the inventory. */
export function planningNeed(state: IncidentState, now: number): PlanningNeed {
  const proposed =
    state.pending.some((plan) => plan.round === state.round) || state.rejected_plans.some((plan) => plan.round === state.round)
  if (!open(state) || planned(state) || proposed) return { when: 'no' }
  const reported = observedCollectors(state)
  const missing = collectors.filter((collector) => !reported.includes(collector))
  if (missing.includes('monitor')) return { when: 'no' }
  const giveUpAt = state.roundAt + limits.collect_ms
  return missing.length === 0 || now >= giveUpAt
    ? { when: 'now', plan_version: nextVersion(state), missing }
    : { when: 'later', at: giveUpAt }
}
