// A model's answer to a plan that may be proposed, or to what is wrong with it.
//
// Invariants
// 1. The plan is one that validatePlan takes and that no policy forbids. The model has chosen from the offer; all else is ours.
// 2. Nothing is changed without evidence, or away from what is blamed, or again when nobody knows whether it was done; nothing is
//    restarted that was not seen to be ill.
// 3. An incident's rounds are not used up by looking.
// 4. "Nothing to do" makes a plan that only looks, and only when the probes agree.
import type { ErrorReport, Hypothesis, Plan, Task } from '@triage/contracts'
import { planId, validatePlan } from '@triage/plan'
import { mentionedIn } from '@triage/rulebook'
import { entriesOf, topologyOf } from '@triage/rulebook/topology'
import type { Answer } from './answer.ts'
import { type Briefing, type Offer, wordsOf } from './briefing.ts'
import { changes, checked, checksOf, complete, ordered } from './draft.ts'
import { unwellServices } from './evidence.ts'
import { type Grounds, groundsOf } from './grounds.ts'
import { complacency, contradictions, needlessRestarts, notOffered, rashness, tooMuchRepair } from './objections.ts'
import { type Replan, replanOf } from './replan.ts'

export interface PlanContext {
  incident_id: string
  plan_version: number
  /** Of the facts that the plan follows from, RFC 3339. */
  created_at: string
  briefing: Briefing
  offer: Offer
  /** What the policies would say of a task now. */
  policy: (task: Task) => { verdict: 'permit' | 'needs_approval' | 'forbid'; why: string }
}

export interface Drafted {
  plan: Plan
  /** Whether the model said that nothing is to do. */
  nothing_to_do: boolean
  /** What it turned out to be; null for an incident's first plan. */
  replan: Replan | null
  unsupported: string[]
}

export type PlanOf = Drafted | { errors: ErrorReport[] }

function goalOf(tasks: readonly Task[], { service, decision }: Answer): string {
  const doing = tasks.filter(changes).map(({ type, target }) => `${type} ${target}`)
  if (doing.length > 0) return `End the incident by ${doing.join(', ')}`
  if (decision === 'ask') return `Ask a human about ${service ?? 'what is wrong'}`
  return decision === 'nothing_to_do' ? 'Make sure that nothing is wrong' : `Learn more about ${service ?? 'what is wrong'}`
}

/** Who asks does nothing meanwhile. */
function tasksOf({ decision, tasks, service }: Answer, { briefing }: PlanContext): Task[] {
  if (decision === 'ask') return []
  const { inventory, observations, rulebook } = briefing
  const topology = topologyOf(inventory)
  if (decision === 'act')
    return checked(ordered(tasks.map(complete)), service, unwellServices(rulebook, { observations, topology }), inventory)
  const mentioned = mentionedIn(wordsOf(briefing), topology)
  return checksOf(mentioned.length > 0 ? mentioned : entriesOf(topology), inventory)
}

function hypothesisOf(
  { decision, service, cause, confidence, statement }: Answer,
  { evidence }: Grounds,
  { rulebook }: Briefing
): Hypothesis {
  const nothing = decision === 'nothing_to_do'
  return {
    ...(service === null || nothing ? {} : { service }),
    cause: nothing ? rulebook.fallbacks.healthy.cause : cause,
    confidence,
    evidence: nothing ? [] : [...new Set(evidence.map(({ observation_id }) => observation_id))].sort(),
    statement: statement || `${cause} at ${service ?? 'no service'}`
  }
}

/** Errors say what the model could do about them; see errorsForModel. Never throws. */
export function planOf(answer: Answer, context: PlanContext): PlanOf {
  const { briefing, offer, incident_id, plan_version, created_at, policy } = context
  const early = [...contradictions(answer, briefing), ...complacency(answer, briefing)]
  if (early.length > 0) return { errors: early }
  const grounds = groundsOf(answer, briefing, offer)
  const tasks = tasksOf(answer, context)
  const content: Omit<Plan, 'plan_id' | 'created_at'> = {
    incident_id,
    plan_version,
    root_goal: goalOf(tasks, answer).slice(0, 500),
    hypothesis: hypothesisOf(answer, grounds, briefing),
    tasks,
    ...(answer.decision === 'ask' ? { clarifying_tasks: [{ task_id: 'ask', question: answer.question }] } : {})
  }
  const plan: Plan = { ...content, plan_id: planId(content), created_at }
  const chosen = tasks.filter(({ task_id }) => answer.tasks.some((task) => task.task_id === task_id))
  const invalid = validatePlan(plan, briefing.inventory)
  if (invalid.length > 0) return { errors: invalid }
  const forbidden = tasks.flatMap((task): ErrorReport[] => {
    const { verdict, why } = policy(task)
    return verdict === 'forbid' ? [{ code: 'E_POLICY_DENIED', message: `${task.task_id}: ${task.type} on ${task.target}: ${why}` }] : []
  })
  const errors = [
    ...notOffered(chosen, offer),
    ...rashness(tasks, answer, grounds, briefing),
    ...needlessRestarts(tasks, briefing),
    ...tooMuchRepair(plan, briefing),
    ...forbidden
  ]
  if (errors.length > 0) return { errors }
  const replan = briefing.before ? replanOf(briefing.before.run, plan) : null
  return { plan, nothing_to_do: answer.decision === 'nothing_to_do', replan, unsupported: grounds.unsupported }
}
