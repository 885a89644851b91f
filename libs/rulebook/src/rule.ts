// The language of the rulebook. rule.schema.json is its grammar; the comments in rulebook/*.yaml say it in words.
import type { ActionType, Expect, Observation } from '@triage/contracts'

export type Scalar = string | number | boolean

/** What an attribute must be: this value (`$service` stands for the root), or within bounds, or one of several, or matching. */
export type Condition = Scalar | { gte?: number; lte?: number } | { in: Scalar[] } | { matches: string }

/**
 * Where an observation must have been made, seen from the root service. Dependents and dependencies count transitively; beside is the
 * service that an undeclared root sits beside; peers are others that need something that the root needs.
 */
export type Place = 'self' | 'beside' | 'dependents' | 'dependencies' | 'peers' | 'any'

export interface Pattern {
  kind: Observation['kind']
  /** Default: self. */
  on?: Place
  where?: Record<string, Condition>
  /** Name → attribute: the distinct values of the attribute in all observations that match. */
  bind?: Record<string, string>
}

/** Some observation matches one of them. */
interface AnyOf {
  any: Pattern[]
}

type Clause = Pattern | AnyOf

export interface TaskTemplate {
  task_id: string
  type: ActionType
  /** `$name`. A name that stands for a list makes one task for each of its values. */
  target: string
  args: Record<string, Scalar>
  /** Task ids of templates. */
  after: string[]
  expect?: Expect
}

interface RuleBase {
  id: string
  cause: string
  /** The hypothesis as a sentence and what the plan is for; `$name` is filled in. */
  statement: string
  goal: string
  /** From 0 to 1, before corroboration. */
  confidence: number
  plan: TaskTemplate[]
}

/** A rule that recognises a cause. The first clause is a pattern on the root service itself: each match is a candidate. */
export interface CauseRule extends RuleBase {
  when: [Pattern, ...Clause[]]
  /** None of these may match. */
  unless: Pattern[]
  /** Name → the only direct dependency of the root that is of this kind. */
  let: Record<string, { dependency: string }>
  /** Each that matches adds to the confidence. */
  corroborate: (Pattern & { raise: number })[]
}

/** A rule for when no other has a plan. healthy: nothing is ill or suspect; unexplained: something is. */
export interface FallbackRule extends RuleBase {
  fallback: 'healthy' | 'unexplained'
}

export type Rule = CauseRule | FallbackRule

/** What makes a service ill, and what makes one suspect that complains but serves. */
export interface Health {
  ill: Pattern[]
  suspect: Pattern[]
}

export interface Rulebook {
  health: Health
  rules: readonly CauseRule[]
  fallbacks: Readonly<Record<FallbackRule['fallback'], FallbackRule>>
}

/** The patterns of a clause. */
export const patternsOf = (clause: Clause): Pattern[] => ('any' in clause ? clause.any : [clause])

/** Names in a text: `$service` → service. */
export const namesIn = (text: string): string[] => [...text.matchAll(/\$([a-z_]+)/g)].map((match) => match[1]!)

/** The names that a template's target and arguments use. */
export const namesOf = ({ target, args }: TaskTemplate): string[] =>
  [target, ...Object.values(args)].flatMap((value) => (typeof value === 'string' ? namesIn(value) : []))

/** Names that stand for one value. */
export const singleNames = (rule: Rule): string[] => ('when' in rule ? ['service', ...Object.keys(rule.let)] : [])

/** Names that stand for a list: services that are ill, deepest first; services that the report mentions; what the rule binds. */
export const listNames = (rule: Rule): string[] => [
  'ill',
  'mentioned',
  ...('when' in rule ? rule.when.flatMap(patternsOf).flatMap((pattern) => Object.keys(pattern.bind ?? {})) : [])
]
