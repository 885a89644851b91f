// Another plan after one that did not help. Repairing a plan keeps more of it, and is quicker, than planning anew, while what it was
// built on still holds (Fox, Gerevini, Long, Serina: Plan Stability: Replanning versus Plan Repair, ICAPS 2006).
import { type ActionType, actions, type Hypothesis, type Plan, type Task } from '@triage/contracts'
import type { PlanRun } from '@triage/incident'
import { diffPlans } from '@triage/plan'

/** repair: mend what is left of the plan before; new: think again. */
export type Replan = 'repair' | 'new'

/** Actions that a repair may add to what is left. More is another plan. */
export const repairActions = 2

const same = (a: Hypothesis, b: Hypothesis): boolean => a.cause === b.cause && a.service === b.service
export const sameHypothesis = (before: Plan, after: Plan): boolean => same(before.hypothesis, after.hypothesis)

/**
 * What to ask for: a repair when what now speaks most for itself is what the last plan was built on, and that was not repaired before.
 *
 * @param runs every plan of the incident so far that did something, oldest first; at least one
 * @param leading what is believed now without a model: the rulebook's first hypothesis
 */
export function replanFor(runs: readonly PlanRun[], leading: Hypothesis): Replan {
  const last = runs.at(-1)!.plan.hypothesis
  const onIt = runs.filter(({ plan }) => same(plan.hypothesis, last)).length
  return same(last, leading) && onIt === 1 ? 'repair' : 'new'
}

/** Plans of models that may fail; the rounds after them are the rulebook's, so that a bad model costs time and not the recovery. */
const modelPlans = 2

/** Whether models are asked for the next plan, given every plan so far that did something. */
export const mayAskModels = (runs: readonly PlanRun[]): boolean => runs.filter(({ source }) => source !== 'rulebook').length < modelPlans

/** What of a plan was not done. */
export const remainingOf = ({ plan, tasks }: PlanRun): Task[] => plan.tasks.filter(({ task_id }) => tasks[task_id]?.status !== 'succeeded')

/** What a new plan turned out to be, whatever was asked for: a repair keeps the hypothesis and adds few actions. */
export function replanOf(before: PlanRun, after: Plan): Replan {
  const { added } = diffPlans({ ...before.plan, tasks: remainingOf(before) }, after)
  const acts = added.filter(({ type }) => actions[type as ActionType]?.risk !== 'read')
  return sameHypothesis(before.plan, after) && acts.length <= repairActions ? 'repair' : 'new'
}
