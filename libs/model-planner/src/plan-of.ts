// A model's answer to a plan that may be proposed, or to what is wrong with it.
//
// Invariants
// 1. The plan is one that validatePlan takes and that no policy forbids. The model has chosen from the offer; all else is ours.
// 2. Nothing is changed without evidence, or away from what is blamed, or again when nobody knows whether it was done.
// 3. An incident's rounds are not used up by looking.
// 4. "Nothing to do" makes a plan that only looks, and only when the probes agree.
import { type ErrorCode, type ErrorReport, isActionType, type Plan, type Task } from '@triage/contracts'
import { diffPlans, planId, validatePlan } from '@triage/plan'
import { mentionedIn } from '@triage/rulebook'
import { entriesOf, topologyOf } from '@triage/rulebook/topology'
import type { Answer } from './answer.ts'
import type { Briefing, Offer } from './briefing.ts'
import { changes, checked, checksOf, complete, ordered } from './draft.ts'
import { unwellServices } from './evidence.ts'
import { type Grounds, groundsOf, probesAgree, related } from './grounds.ts'
import { argsOf } from './menu.ts'
import { type Replan, remainingOf, repairActions, replanOf } from './replan.ts'

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

const complaint = (code: ErrorCode, message: string): ErrorReport => ({ code, message })

/** What the answer says against itself. */
function contradictions({ decision, tasks, question }: Answer): ErrorReport[] {
  const acts = tasks.some(changes)
  if (decision === 'act' && tasks.length === 0) return [complaint('E_ANSWER_DISAGREES', 'it decides to act and names no task')]
  if (decision === 'ask' && question === '') return [complaint('E_ANSWER_DISAGREES', 'it decides to ask and asks nothing')]
  if (decision !== 'act' && acts) return [complaint('E_ANSWER_DISAGREES', `it decides ${decision} and changes something at once`)]
  return []
}

/** Arguments that name things in the world name things that were seen. */
function inventedArgs(tasks: readonly Task[], { evidence }: Offer): ErrorReport[] {
  const observations = evidence.map(({ observation }) => observation)
  return tasks.flatMap(({ task_id, type, args }) => {
    const schemas: Record<string, { enum?: string[] }> | null = isActionType(type) ? argsOf(type, observations) : {}
    if (!schemas) return [complaint('E_PLAN_ARGS', `${task_id}: nothing that was seen names what ${type} needs`)]
    return Object.entries(schemas)
      .filter(([name, schema]) => schema.enum && !schema.enum.includes((args as Record<string, string>)[name]!))
      .map(([name, schema]) => complaint('E_PLAN_ARGS', `${task_id}: args.${name} must be one of ${schema.enum!.slice(0, 20).join(', ')}`))
  })
}

/** What speaks against changing something; see invariant 2. */
function rashness(tasks: readonly Task[], { service }: Answer, grounds: Grounds, { tried, inventory }: Briefing): ErrorReport[] {
  const topology = topologyOf(inventory)
  const writers = tasks.filter(changes)
  if (writers.length > 0 && grounds.evidence.length === 0)
    return [complaint('E_ANSWER_EVIDENCE', `no evidence that was named shows what is wrong with ${service ?? 'a service'}`)]
  return writers.flatMap(({ task_id, type, target }) => {
    if (tried.some((one) => one.type === type && one.target === target && one.outcome === 'unknown'))
      return [complaint('E_EFFECT_UNKNOWN', `${task_id}: nobody can tell whether ${type} on ${target} took place; it is not repeated`)]
    return service !== null && !related(service, target, topology)
      ? [complaint('E_ANSWER_DISAGREES', `${task_id}: ${target} has nothing to do with ${service}, which is blamed`)]
      : []
  })
}

/** Who has looked and looks again, while something is ill, would use up an incident's rounds. */
function onlyLooksAgain({ decision, tasks }: Answer, briefing: Briefing): ErrorReport[] {
  const before = briefing.before?.run.plan.tasks
  if (decision !== 'act' || tasks.some(changes) || !before || before.some(changes)) return []
  return probesAgree(briefing).map(({ code, message }) =>
    complaint(code as ErrorCode, `the plan before only looked, and so does this one, but ${message}`)
  )
}

/** More than a repair, when a repair was asked for and the hypothesis stands. */
function tooMuchRepair(plan: Plan, { before }: Briefing): ErrorReport[] {
  if (before?.replan !== 'repair' || plan.hypothesis.cause !== before.run.plan.hypothesis.cause) return []
  if (plan.hypothesis.service !== before.run.plan.hypothesis.service) return []
  const { added } = diffPlans({ ...before.run.plan, tasks: remainingOf(before.run) }, plan)
  return added.filter(changes).length > repairActions
    ? [complaint('E_ANSWER_DISAGREES', `a repair adds at most ${repairActions} actions; change the hypothesis or plan less`)]
    : []
}

function goalOf(tasks: readonly Task[], { service, decision }: Answer): string {
  const doing = tasks.filter(changes).map(({ type, target }) => `${type} ${target}`)
  if (doing.length > 0) return `End the incident by ${doing.join(', ')}`
  return decision === 'nothing_to_do' ? 'Make sure that nothing is wrong' : `Learn more about ${service ?? 'what is wrong'}`
}

function tasksOf(answer: Answer, { briefing }: PlanContext): Task[] {
  const { inventory, observations, rulebook, incident } = briefing
  const topology = topologyOf(inventory)
  const unwell = unwellServices(rulebook, { observations, topology })
  const mentioned = mentionedIn(incident, topology)
  const usual = mentioned.length > 0 ? mentioned : entriesOf(topology)
  if (answer.decision === 'nothing_to_do') return checksOf(usual, inventory)
  const tasks = checked(ordered(answer.tasks.map(complete)), answer.service, unwell, inventory)
  if (tasks.length > 0) return tasks
  // A plan has a task: while a human is asked, the world is looked at.
  return checksOf([...(answer.service === null ? [] : [answer.service]), ...unwell, ...usual], inventory, 1)
}

/** Errors say what the model could do about them; see errorsForModel. Never throws. */
export function planOf(answer: Answer, context: PlanContext): PlanOf {
  const { briefing, offer, incident_id, plan_version, created_at, policy } = context
  const early = [
    ...contradictions(answer),
    ...(answer.decision === 'nothing_to_do' ? probesAgree(briefing) : []),
    ...onlyLooksAgain(answer, briefing)
  ]
  if (early.length > 0) return { errors: early }
  const grounds = groundsOf(answer, briefing, offer)
  const tasks = tasksOf(answer, context)
  const content: Omit<Plan, 'plan_id' | 'created_at'> = {
    incident_id,
    plan_version,
    root_goal: goalOf(tasks, answer).slice(0, 500),
    hypothesis: {
      ...(answer.service === null ? {} : { service: answer.service }),
      cause: answer.cause,
      confidence: answer.confidence,
      evidence: grounds.evidence.map(({ observation_id }) => observation_id).sort(),
      statement: answer.statement || `${answer.cause} at ${answer.service ?? 'no service'}`
    },
    tasks,
    ...(answer.decision === 'ask' ? { clarifying_tasks: [{ task_id: 'ask', question: answer.question }] } : {})
  }
  const plan: Plan = { ...content, plan_id: planId(content), created_at }
  const invalid = [...validatePlan(plan, briefing.inventory), ...inventedArgs(tasks, offer)]
  if (invalid.length > 0) return { errors: invalid }
  const forbidden = tasks.flatMap((task) => {
    const { verdict, why } = policy(task)
    return verdict === 'forbid' ? [complaint('E_POLICY_DENIED', `${task.task_id}: ${task.type} on ${task.target}: ${why}`)] : []
  })
  const errors = [...rashness(tasks, answer, grounds, briefing), ...tooMuchRepair(plan, briefing), ...forbidden]
  if (errors.length > 0) return { errors }
  const replan = briefing.before ? replanOf(briefing.before.run, plan) : null
  return { plan, nothing_to_do: answer.decision === 'nothing_to_do', replan, unsupported: grounds.unsupported }
}
