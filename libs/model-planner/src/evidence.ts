// What was seen, in the order in which it matters: the first lines of many are all that a small model gets to see.
import type { Observation } from '@triage/contracts'
import { healthReport, matching, patternsOf, type Rulebook } from '@triage/rulebook'
import type { Topology } from '@triage/rulebook/topology'

interface Scene {
  observations: readonly Observation[]
  topology: Topology
}

/** 0: a sign of illness, or what a rule starts from; 1: a complaint; 2: the rest. */
export function weigh({ health, rules }: Rulebook, observation: Observation, topology: Topology): number {
  const fits = (patterns: Parameters<typeof matching>[0][]): boolean =>
    patterns.some((pattern) => matching(pattern, observation.service, { observations: [observation], topology }).length > 0)
  if (fits([...health.ill, ...rules.flatMap(({ when: [first] }) => patternsOf(first))])) return 0
  return fits(health.suspect) ? 1 : 2
}

/** Services that are unwell, the deepest first: what most others of them depend on. */
export const unwellServices = (rulebook: Rulebook, scene: Scene): readonly string[] => healthReport(rulebook.health, scene).unwell

/**
 * All observations, the telling ones first: by weight, then the first of each kind at each service before the second of any, then at
 * the deepest unwell service first. The order in which they come does not matter.
 *
 * @param unwell see unwellServices
 */
export function rankObservations(rulebook: Rulebook, scene: Scene, unwell: readonly string[]): Observation[] {
  const depth = new Map(unwell.map((name, i) => [name, i]))
  const seen = new Map<string, number>()
  const byId = scene.observations.toSorted((a, b) => (a.observation_id < b.observation_id ? -1 : 1))
  const ranked = byId.map((observation) => {
    const group = `${observation.service} ${observation.kind}`
    const nth = seen.get(group) ?? 0
    seen.set(group, nth + 1)
    const at = depth.get(observation.service) ?? depth.size
    return { observation, order: [weigh(rulebook, observation, scene.topology), nth, at] }
  })
  const compare = (a: number[], b: number[]): number => a.map((value, i) => value - b[i]!).find((difference) => difference !== 0) ?? 0
  return ranked.sort((a, b) => compare(a.order, b.order)).map(({ observation }) => observation)
}
