// What a model is told of an incident, from the facts alone.
import type { Hypothesis, Inventory, Task } from '@triage/contracts'
import { clarifyingTask, type IncidentState, latestObservations, type PlanRun, triedActions } from '@triage/incident'
import { type Briefing, type PlanContext, replanFor } from '@triage/model-planner'
import type { Rulebook } from '@triage/rulebook'
import type { Excerpt } from '@triage/runbooks'
import { effectivenessOf } from './effectiveness.ts'

export interface Knowledge {
  rulebook: Rulebook
  /** Best first. */
  runbooks: readonly Excerpt[]
  /** Every incident that is remembered. */
  incidents: readonly IncidentState[]
  /** Whether humans may be asked. */
  mayAsk: boolean
}

/** The plans that did something: one that asked has not failed. */
export const plansTried = ({ plans }: IncidentState): PlanRun[] => plans.filter(({ plan }) => !clarifyingTask(plan))

/** @param ranked what the rulebook believes, best first */
export function briefingOf(
  state: IncidentState,
  inventory: Inventory,
  ranked: readonly Hypothesis[],
  { rulebook, runbooks, incidents, mayAsk }: Knowledge
): Briefing {
  const { text, service } = state.report!
  const { question } = state
  const plans = plansTried(state)
  const run = plans.at(-1)
  return {
    incident: { text, ...(service === undefined ? {} : { service }), opened_at: new Date(state.openedAt).toISOString() },
    observations: latestObservations(state),
    inventory,
    rulebook,
    asked: question && { question: question.question, answer: question.answer },
    // Once in an incident.
    mayAsk: mayAsk && question === null,
    tried: triedActions(state),
    effectiveness: effectivenessOf(incidents),
    runbooks,
    before: run ? { run, replan: replanFor(plans, ranked[0]!) } : null
  }
}

/**
 * What the policies are known to say. The engine that asks them is the action agent's: it decides anyway, on the world as it will be
 * then, and takes 24 MB. What it has refused in this incident is not proposed again.
 */
export function policyOf({ plans }: IncidentState): PlanContext['policy'] {
  const refusals = plans.flatMap(({ plan, tasks }) =>
    plan.tasks.flatMap(({ task_id, type, target }) => {
      const error = tasks[task_id]?.result?.error
      return error?.code === 'E_POLICY_DENIED' ? [{ type, target, why: error.message }] : []
    })
  )
  return ({ type, target }: Task) => {
    const refused = refusals.find((one) => one.type === type && one.target === target)
    return refused ? { verdict: 'forbid', why: refused.why } : { verdict: 'permit', why: '' }
  }
}
