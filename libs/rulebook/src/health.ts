// Which services are ill.
import type { Observation } from '@triage/contracts'
import { matching, type Scene } from './match.ts'
import type { Health, Pattern } from './rule.ts'

/** Services, deepest first: what most others of them depend on. */
export interface HealthReport {
  ill: readonly string[]
  /** What to look at: the ill ones, or when none is ill those that complain. */
  unwell: readonly string[]
  /** What speaks for it. */
  evidence: readonly Observation[]
}

const symptoms = (patterns: readonly Pattern[], scene: Scene): Observation[] =>
  [...scene.topology.services.values()]
    .filter((service) => service.managed)
    .flatMap(({ name }) => patterns.flatMap((pattern) => matching(pattern, name, scene)))

function deepestFirst(evidence: readonly Observation[], { topology }: Scene): string[] {
  const names = [...new Set(evidence.map((observation) => observation.service))]
  const dependents = (name: string): number => [...topology.dependentsOf(name)].filter((other) => names.includes(other)).length
  const weights = new Map(names.map((name) => [name, dependents(name)]))
  // Evidence comes in the order of names, and equals keep theirs.
  return names.sort((a, b) => weights.get(b)! - weights.get(a)!)
}

export function healthReport(health: Health, scene: Scene): HealthReport {
  const illness = symptoms(health.ill, scene)
  const evidence = illness.length > 0 ? illness : symptoms(health.suspect, scene)
  return { ill: deepestFirst(illness, scene), unwell: deepestFirst(evidence, scene), evidence }
}
