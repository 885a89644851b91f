// What a planner proposes, from the facts alone: the same facts give the same proposal, byte for byte.
import { type Inventory, type Plan, type PlanProposed, TriageError } from '@triage/contracts'
import { type IncidentState, inventoryOf, latestObservations, triedActions } from '@triage/incident'
import { planId } from '@triage/plan'
import { type DecideInput, decide, type Rulebook } from '@triage/rulebook'
import type { Consulted } from './consulted.ts'
import { noted } from './planner-run.ts'

/** @throws E_INTERNAL when there is nothing to plan for yet */
export function inputOf(state: IncidentState): DecideInput & { inventory: Inventory } {
  const inventory = inventoryOf(state)
  if (!inventory || !state.report) throw new TriageError('E_INTERNAL', 'planning needs a report and an inventory')
  const { text, service } = state.report
  const answer = state.question?.answer
  return {
    incident: { id: state.id, text, service, ...(answer && { answer }) },
    round: state.round,
    observations: latestObservations(state),
    inventory,
    tried: triedActions(state)
  }
}

/** @throws E_RULEBOOK */
export function rulebookProposal(rulebook: Rulebook, state: IncidentState, plan_version: number): PlanProposed {
  const decision = decide(rulebook, inputOf(state))
  if (!decision.plan) throw new TriageError('E_RULEBOOK', 'no rule says what to do')
  const content = { ...decision.plan, incident_id: state.id, plan_version }
  // The plan is dated by the facts that it follows from.
  const plan: Plan = { ...content, plan_id: planId(content), created_at: new Date(state.lastAt).toISOString() }
  return { round: state.round, source: 'rulebook', plan, considered: decision.hypotheses.slice(1, 11) }
}

export function modelProposal(
  rulebook: Rulebook,
  state: IncidentState,
  { source, drafted, wanted }: NonNullable<Consulted['accepted']>
): PlanProposed {
  const { plan, replan, unsupported } = drafted
  const { hypotheses } = decide(rulebook, inputOf(state))
  const { cause, service } = plan.hypothesis
  return {
    round: state.round,
    source,
    plan,
    considered: hypotheses.filter((other) => other.cause !== cause || other.service !== service).slice(0, 10),
    ...(replan && wanted && { replan: { wanted, made: replan } }),
    ...(unsupported.length > 0 && { unsupported: unsupported.slice(0, 10).map((text) => text.slice(0, 500)) })
  }
}

/** With which models were asked before it, and what came of each. */
export function afterAttempts(proposed: PlanProposed, { attempts }: Consulted): PlanProposed {
  const all = attempts.map((attempt) => ({ model: attempt.model, ...noted(attempt) }))
  return all.length > 0 ? { ...proposed, attempts: all } : proposed
}
