// What speaks against an answer, as errors that a model can do something about.
import { actions, type ErrorCode, type ErrorReport, isActionType, type Plan, type Task } from '@triage/contracts'
import { healthReport } from '@triage/rulebook'
import { topologyOf } from '@triage/rulebook/topology'
import type { Answer } from './answer.ts'
import type { Briefing, Offer } from './briefing.ts'
import { changes } from './draft.ts'
import { weigh } from './evidence.ts'
import { type Grounds, probesAgree, related } from './grounds.ts'
import { argsOf } from './menu.ts'
import { repairActions, replanOf, sameHypothesis } from './replan.ts'

const complaint = (code: ErrorCode, message: string): ErrorReport => ({ code, message })
const disagrees = (message: string): ErrorReport[] => [complaint('E_ANSWER_DISAGREES', message)]

/** What the answer says against itself. */
export function contradictions({ decision, service, cause, tasks, question }: Answer, { rulebook, mayAsk }: Briefing): ErrorReport[] {
  const acts = tasks.some(changes)
  if (decision === 'act' && tasks.length === 0) return disagrees('it decides to act and names no task')
  if (decision === 'ask' && !mayAsk) return disagrees('nobody can be asked now: decide act or nothing_to_do by what is known')
  if (decision === 'ask' && question === '') return disagrees('it decides to ask and asks nothing')
  if (decision !== 'act' && acts) return disagrees(`it decides ${decision} and changes something at once`)
  if (acts && cause === rulebook.fallbacks.healthy.cause) return disagrees(`it says ${cause} and changes something`)
  return acts && service === null ? disagrees('it changes something and blames no service') : []
}

/** "Nothing to do" against the probes; and looking again while something is ill, which would use up the incident's rounds. */
export function complacency({ decision, tasks }: Answer, briefing: Briefing): ErrorReport[] {
  if (decision === 'nothing_to_do') return probesAgree(briefing)
  const before = briefing.before?.run.plan.tasks
  if (decision !== 'act' || tasks.some(changes) || !before || before.some(changes)) return []
  return probesAgree(briefing).flatMap(({ message }) => disagrees(`the plan before only looked, and so does this one, but ${message}`))
}

/** Targets that were not shown, and arguments that name things in the world that were not seen. */
export function notOffered(tasks: readonly Task[], { evidence, services }: Offer): ErrorReport[] {
  const observations = evidence.map(({ observation }) => observation)
  return tasks.flatMap(({ task_id, type, target, args }) => {
    if (!services.includes(target)) return [complaint('E_PLAN_UNKNOWN_TARGET', `${task_id}: ${target} is none of the services listed`)]
    const schemas: Record<string, { enum?: string[] }> | null = isActionType(type) ? argsOf(type, observations) : {}
    if (!schemas) return [complaint('E_PLAN_ARGS', `${task_id}: nothing that was seen names what ${type} needs`)]
    return Object.entries(schemas)
      .filter(([name, schema]) => schema.enum && !schema.enum.includes((args as Record<string, string>)[name]!))
      .map(([name, schema]) => complaint('E_PLAN_ARGS', `${task_id}: args.${name} must be one of ${schema.enum!.slice(0, 20).join(', ')}`))
  })
}

/** Changes without evidence, away from what is blamed, or again when nobody knows whether they took place. */
export function rashness(tasks: readonly Task[], { service }: Answer, grounds: Grounds, { tried, inventory }: Briefing): ErrorReport[] {
  const topology = topologyOf(inventory)
  const writers = tasks.filter(changes)
  if (writers.length > 0 && grounds.evidence.length === 0)
    return [complaint('E_ANSWER_EVIDENCE', `no evidence that was named shows what is wrong with ${service}`)]
  return writers.flatMap(({ task_id, type, target }) => {
    if (tried.some((one) => one.type === type && one.target === target && one.outcome === 'unknown'))
      return [complaint('E_EFFECT_UNKNOWN', `${task_id}: nobody can tell whether ${type} on ${target} took place; it is not repeated`)]
    return related(service!, target, topology) ? [] : disagrees(`${task_id}: ${target} has nothing to do with ${service}, which is blamed`)
  })
}

/**
 * Restarts of what nothing was seen at, whatever others complain of; and of what suffers from something that it needs, unless that is
 * repaired as well. Every other action has a precondition that only a fault fulfils.
 */
export function needlessRestarts(tasks: readonly Task[], { rulebook, observations, inventory }: Briefing): ErrorReport[] {
  const topology = topologyOf(inventory)
  const { ill } = healthReport(rulebook.health, { observations, topology })
  const restarts = tasks.filter(({ type }) => isActionType(type) && actions[type].precondition === 'running')
  return restarts.flatMap(({ task_id, target }) => {
    // What it writes may be about who asks it: a database writes that a password was wrong, and is well.
    if (!observations.some((one) => one.service === target && one.kind !== 'log_template' && weigh(rulebook, one, topology) === 0))
      return [complaint('E_ANSWER_EVIDENCE', `${task_id}: nothing shows that ${target} itself is ill, and what serves is not restarted`)]
    const needs = topology.dependenciesOf(target)
    const deeper = ill.filter((name) => needs.has(name) && !tasks.some((task) => task.target === name && changes(task)))
    return deeper.length > 0
      ? disagrees(`${task_id}: ${target} needs ${deeper.join(', ')}, not well either, and nothing is done there`)
      : []
  })
}

/** More than a repair, when a repair was asked for and the hypothesis stands. */
export function tooMuchRepair(plan: Plan, { before }: Briefing): ErrorReport[] {
  if (before?.replan !== 'repair' || !sameHypothesis(before.run.plan, plan) || replanOf(before.run, plan) === 'repair') return []
  return disagrees(`a repair adds at most ${repairActions} actions; change the hypothesis or plan less`)
}
