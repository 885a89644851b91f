// For tests: what the shipped rulebook makes of what was seen, with every answer held to its contract.
import { checkSchema, type Hypothesis, type Observation, type Plan } from '@triage/contracts'
import { planId, validatePlan } from '@triage/plan'
import { expect } from 'vitest'
import { type DecideInput, type Decision, decide } from './decide.ts'
import { input, rulebookFolder } from './fixtures.ts'
import { loadRulebook } from './load.ts'

const rulebook = await loadRulebook(rulebookFolder)

/** Decides, and holds every answer to the contract and every plan to what a scheduler accepts. */
export function think(given: DecideInput): Decision {
  for (const observation of given.observations) expect(checkSchema('observation', observation)).toBeNull()
  const decision = decide(rulebook, given)
  for (const hypothesis of decision.hypotheses) expect(checkSchema('plan__hypothesis', hypothesis)).toBeNull()
  if (decision.plan) {
    const content = { ...decision.plan, plan_version: 1 }
    const plan: Plan = { ...content, plan_id: planId(content), created_at: '2025-11-21T05:00:01.000Z' }
    expect(validatePlan(plan, given.inventory)).toEqual([])
    expect(plan.hypothesis).toEqual(decision.hypotheses[0])
  }
  return decision
}

export const diagnosis = ({ cause, service }: Hypothesis): string => (service ? `${cause} ${service}` : cause)
export const actions = ({ plan }: Decision): string[] =>
  plan!.tasks.filter((task) => task.assigned_to === 'action-agent').map((task) => `${task.type} ${task.target}`)
export const diagnose = (observations: readonly Observation[], more: Partial<DecideInput> = {}): { is: string; does: string[] } => {
  const decision = think(input(observations, more))
  return { is: diagnosis(decision.hypotheses[0]!), does: actions(decision) }
}
