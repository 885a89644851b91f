// What a schema cannot say of a rule: its names, its tasks and its expressions refer to things that exist.
import { actions, isActionType, validArgs } from '@triage/contracts'
import { findCycle } from '@triage/plan'
import { listNames, namesIn, namesOf, type Pattern, patternsOf, type Rule, singleNames, type TaskTemplate } from './rule.ts'

/** The patterns of a rule with their paths. */
function* patterns(rule: Rule): Generator<[string, Pattern]> {
  if (!('when' in rule)) return
  for (const [i, clause] of rule.when.entries()) for (const pattern of patternsOf(clause)) yield [`/when/${i}`, pattern]
  for (const [i, pattern] of rule.unless.entries()) yield [`/unless/${i}`, pattern]
  for (const [i, pattern] of rule.corroborate.entries()) yield [`/corroborate/${i}`, pattern]
}

/** What is wrong with a pattern's regular expressions. */
export function* checkPattern(path: string, { where = {} }: Pattern): Generator<string> {
  for (const [attribute, condition] of Object.entries(where)) {
    if (typeof condition !== 'object' || !('matches' in condition)) continue
    try {
      new RegExp(condition.matches, 'u')
    } catch (error) {
      yield `${path}/where/${attribute}/matches: ${(error as Error).message}`
    }
  }
}

function* checkTask(path: string, template: TaskTemplate, rule: Rule): Generator<string> {
  const { type, args, after, expect } = template
  if (!isActionType(type)) {
    yield `${path}/type: there is no action ${type}`
    return
  }
  const names = namesOf(template)
  const lists = listNames(rule)
  const known = [...singleNames(rule), ...lists]
  for (const name of names) if (!known.includes(name)) yield `${path}: nothing binds $${name}`
  if (new Set(names.filter((name) => lists.includes(name))).size > 1) yield `${path}: repeats over more than one list`
  const wrong = Object.values(args).some((value) => typeof value === 'string' && namesIn(value).length > 0) ? null : validArgs(type, args)
  if (wrong) yield `${path}/args: ${wrong}`
  if (actions[type].risk !== 'read' && !expect) yield `${path}: an action says what it expects`
  if (actions[type].risk !== 'read' && !('when' in rule)) yield `${path}: a fallback only reads`
  for (const before of after) if (!rule.plan.some((other) => other.task_id === before)) yield `${path}/after: there is no task ${before}`
}

/** Everything that is wrong with a rule that fits the schema: a path within the rule and a sentence each. */
export function* checkRule(rule: Rule): Generator<string> {
  if ('when' in rule) {
    const [root] = rule.when
    if ('any' in root || (root.on ?? 'self') !== 'self') yield '/when/0: the first clause is a pattern on the root service itself'
  }
  for (const [path, pattern] of patterns(rule)) yield* checkPattern(path, pattern)
  const known = [...singleNames(rule), ...listNames(rule)]
  for (const field of ['statement', 'goal'] as const) {
    for (const name of namesIn(rule[field])) if (!known.includes(name)) yield `/${field}: nothing binds $${name}`
  }
  for (const [i, template] of rule.plan.entries()) yield* checkTask(`/plan/${i}`, template, rule)
  const ids = rule.plan.map((template) => template.task_id)
  for (const id of ids.filter((name, i) => ids.indexOf(name) !== i)) yield `/plan: the id ${id} is used more than once`
  const cycle = findCycle(rule.plan.map(({ task_id, after }) => ({ task_id, dependencies: after })))
  if (cycle) yield `/plan: ${cycle.join(' → ')} (each after the next)`
}
