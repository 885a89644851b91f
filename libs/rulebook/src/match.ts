// Whether what was seen fits a pattern.
import type { Observation } from '@triage/contracts'
import type { Condition, Pattern, Place } from './rule.ts'
import type { Topology } from './topology.ts'

/** What was seen, and where. */
export interface Scene {
  /** In any order. */
  observations: readonly Observation[]
  topology: Topology
}

function holds(value: unknown, condition: Condition, root: string): boolean {
  if (typeof condition !== 'object') return value === (condition === '$service' ? root : condition)
  if ('in' in condition) return (condition.in as unknown[]).includes(value)
  if ('matches' in condition) return typeof value === 'string' && new RegExp(condition.matches, 'u').test(value)
  return typeof value === 'number' && value >= (condition.gte ?? -Infinity) && value <= (condition.lte ?? Infinity)
}

function isAt(service: string, place: Place, root: string, topology: Topology): boolean {
  if (place === 'self') return service === root
  if (place === 'beside') return service === topology.services.get(root)?.beside
  if (place === 'peers') return topology.peersOf(root).has(service)
  if (place === 'dependents') return topology.dependentsOf(root).has(service)
  if (place === 'dependencies') return topology.dependenciesOf(root).has(service)
  return true
}

/** The observations that match a pattern, seen from a root service. */
export function matching({ kind, on = 'self', where = {} }: Pattern, root: string, { observations, topology }: Scene): Observation[] {
  return observations.filter((observation) => {
    const attributes = observation.attributes as unknown as Record<string, unknown>
    return (
      observation.kind === kind &&
      Object.entries(where).every(([name, condition]) => holds(attributes[name], condition, root)) &&
      isAt(observation.service, on, root, topology)
    )
  })
}
