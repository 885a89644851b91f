// A rule that fits, with the root service that it fits: what may be believed.
import type { Observation } from '@triage/contracts'
import type { HealthReport } from './health.ts'
import { matching, type Scene } from './match.ts'
import { type CauseRule, type FallbackRule, type Pattern, patternsOf, type Rule } from './rule.ts'

export interface Candidate {
  rule: Rule
  /** The root service; null when nothing is believed to be wrong. */
  service: string | null
  /** From 0 to 1. */
  confidence: number
  evidence: readonly Observation[]
  /** What each name stands for. */
  names: Readonly<Record<string, readonly string[]>>
}

/** What explains all other illness is believed more, by up to this. */
const explainsRaise = 0.05
/** What has an ill dependency is probably a symptom of it. */
const symptomFactor = 0.6
/** Nothing is certain. */
const mostConfident = 0.99

function confidenceOf(rule: CauseRule, root: string, scene: Scene, { ill }: HealthReport): number {
  const raised = rule.corroborate.filter((pattern) => matching(pattern, root, scene).length > 0)
  const believed = raised.reduce((sum, { raise }) => sum + raise, rule.confidence)
  const others = ill.filter((name) => name !== root)
  const dependents = scene.topology.dependentsOf(root)
  const explained = others.length === 0 ? 0 : others.filter((name) => dependents.has(name)).length / others.length
  const dependencies = scene.topology.dependenciesOf(root)
  // What nobody declared is no symptom: it is not ill itself.
  const declared = scene.topology.services.get(root)!.managed
  const deeper = declared && others.some((name) => dependencies.has(name) && !dependents.has(name))
  const total = (believed + explainsRaise * explained) * (deeper ? symptomFactor : 1)
  return Math.round(Math.min(mostConfident, total) * 1000) / 1000
}

/** Distinct values of the attributes that a rule binds. */
function bound(patterns: readonly Pattern[], root: string, scene: Scene): Record<string, string[]> {
  const entries = patterns.flatMap((pattern) =>
    Object.entries(pattern.bind ?? {}).map(([name, attribute]) => {
      const values = matching(pattern, root, scene).map(
        (observation) => (observation.attributes as unknown as Record<string, unknown>)[attribute]
      )
      return [name, [...new Set(values.filter((value) => value !== undefined).map(String))].sort()] as const
    })
  )
  return Object.fromEntries(entries)
}

/** The dependencies that a rule names; null when one cannot be told: there is none of its kind, or more than one. */
function dependenciesOf(rule: CauseRule, root: string, { topology }: Scene): Record<string, string[]> | null {
  const direct = topology.services.get(root)?.depends_on ?? []
  const entries = Object.entries(rule.let).map(([name, { dependency }]) => {
    return [name, [...new Set(direct)].filter((other) => topology.services.get(other)?.kind === dependency)] as const
  })
  return entries.every(([, found]) => found.length === 1) ? Object.fromEntries(entries) : null
}

function candidateOf(rule: CauseRule, root: string, scene: Scene, health: HealthReport): Candidate[] {
  const clauses = rule.when.map((clause) => patternsOf(clause).flatMap((pattern) => matching(pattern, root, scene)))
  if (clauses.some((found) => found.length === 0)) return []
  if (rule.unless.some((pattern) => matching(pattern, root, scene).length > 0)) return []
  const dependencies = dependenciesOf(rule, root, scene)
  if (!dependencies) return []
  const corroboration = rule.corroborate.flatMap((pattern) => matching(pattern, root, scene))
  return [
    {
      rule,
      service: root,
      confidence: confidenceOf(rule, root, scene, health),
      evidence: [...clauses.flat(), ...corroboration],
      names: { service: [root], ...dependencies, ...bound(rule.when.flatMap(patternsOf), root, scene) }
    }
  ]
}

/** Every service of the inventory that a rule fits. */
export const candidatesOf = (rule: CauseRule, scene: Scene, health: HealthReport): Candidate[] =>
  [...scene.topology.services.keys()].flatMap((root) => candidateOf(rule, root, scene, health))

/** What is said when no rule has a plan. */
export const fallbackCandidate = (rule: FallbackRule, health: HealthReport): Candidate => ({
  rule,
  service: health.unwell[0] ?? null,
  confidence: rule.confidence,
  evidence: health.evidence,
  names: {}
})
