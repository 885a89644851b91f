// What models were asked before a plan came of it, with what each question took. Pure.
import type { ModelAnswer, PlannerRun, PlanProposed } from '@triage/contracts'

export type ModelAttempt = NonNullable<PlanProposed['attempts']>[number] & {
  /** How it was asked and how long that took, as the planner's run has it; null when that is not on record. */
  asked: { tier: 'fast' | 'smart'; question: number; took_ms: number; answer: ModelAnswer | null } | null
}

/**
 * The proposal's attempts, each with its run. A planner that died while asking has left runs of which nothing came: those that count
 * are the last ones before the proposal.
 *
 * @param at when it was proposed, milliseconds since the epoch
 */
export function modelAttempts({ round, attempts = [] }: PlanProposed, at: number, runs: readonly PlannerRun[]): ModelAttempt[] {
  const before = runs.filter((run) => run.round === round && run.model && Date.parse(run.started_at) <= at)
  const last = before.slice(-attempts.length)
  return attempts.map((attempt, i) => {
    const run = last[i]
    if (run?.planner !== attempt.model || run.model!.outcome !== attempt.outcome) return { ...attempt, asked: null }
    const { tier, question, answer = null } = run.model!
    return { ...attempt, asked: { tier, question, took_ms: run.took_ms, answer } }
  })
}
