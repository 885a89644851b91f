// Every plan that an incident was offered, in the order in which they came, with what became of each. Pure.
import type { ErrorReport, Observation, Plan, PlannerRun, PlanProposed } from '@triage/contracts'
import type { Fact } from '@triage/incident'
import { diffPlans, type PlanDiff } from '@triage/plan'
import { type ModelAttempt, modelAttempts } from './model-attempts.ts'

export interface PlanVersion {
  plan: Plan
  /** Who planned, as `rulebook`, a model or `operator`. */
  source: string
  at: number
  /** waiting: nobody has judged it. */
  verdict: 'accepted' | 'rejected' | 'waiting'
  /** What the validator has against it. */
  errors: ErrorReport[]
  /** What it is built on, in sentences; ids of what nobody has told are left out. */
  evidence: string[]
  /** What a model said without evidence that exists. */
  unsupported: string[]
  /** What models were asked before it, in order. */
  attempts: ModelAttempt[]
  /** Of a model that was told of a plan before: what it was asked for, and what it made. */
  replan: PlanProposed['replan'] | null
  /** What is done to the last accepted plan to get this one; null when there was none. */
  diff: (PlanDiff & { distance: number }) | null
}

type Judgement = Pick<PlanVersion, 'verdict' | 'errors'>

function sentences(facts: readonly Fact[]): Map<string, string> {
  const told = facts.flatMap((fact): Observation[] =>
    fact.type === 'incident.observed.v1' || fact.type === 'incident.task-finished.v1' ? fact.payload.observations : []
  )
  return new Map(told.map(({ observation_id, summary }) => [observation_id, summary]))
}

function judgements(facts: readonly Fact[]): Map<string, Judgement> {
  const all = new Map<string, Judgement>()
  for (const { type, payload } of facts) {
    if (type === 'incident.plan-accepted.v1') all.set(payload.plan_id, { verdict: 'accepted', errors: [] })
    if (type === 'incident.plan-rejected.v1') all.set(payload.plan_id, { verdict: 'rejected', errors: payload.errors })
  }
  return all
}

/** Tasks that are added or removed: the distance of Fox, Gerevini, Long and Serina (Plan Stability, ICAPS 2006). */
function difference(before: Plan | null, after: Plan): PlanVersion['diff'] {
  if (!before) return null
  const diff = diffPlans(before, after)
  return { ...diff, distance: diff.added.length + diff.removed.length }
}

/** What only a planner's proposal has. */
const ofPlanner = (payload: PlanProposed, at: number, runs: readonly PlannerRun[]) => ({
  source: payload.source,
  unsupported: payload.unsupported ?? [],
  attempts: modelAttempts(payload, at, runs),
  replan: payload.replan ?? null
})

/** @param runs of planners, oldest first; those of models say what their questions took */
export function planVersions(facts: readonly Fact[], runs: readonly PlannerRun[] = []): PlanVersion[] {
  const said = sentences(facts)
  const judged = judgements(facts)
  let accepted: Plan | null = null
  const versions: PlanVersion[] = []
  for (const { type, payload, issuer, at } of facts) {
    if (type !== 'incident.plan-proposed.v1' && type !== 'incident.approval-changed.v1') continue
    const { plan } = payload
    const { verdict, errors } = judged.get(plan.plan_id) ?? { verdict: 'waiting', errors: [] }
    const made =
      type === 'incident.plan-proposed.v1' ? ofPlanner(payload, at, runs) : { source: issuer, unsupported: [], attempts: [], replan: null }
    // A proposal that was refused may lack anything.
    const evidence = (plan.hypothesis?.evidence ?? []).flatMap((id) => said.get(id) ?? [])
    versions.push({ plan, ...made, at, verdict, errors, evidence, diff: difference(accepted, plan) })
    if (verdict === 'accepted') accepted = plan
  }
  return versions
}
