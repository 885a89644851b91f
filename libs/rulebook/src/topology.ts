// Who depends on whom.
import type { Inventory, InventoryService } from '@triage/contracts'

export interface Topology {
  /** By name, in the order of names. */
  services: ReadonlyMap<string, InventoryService>
  /**
   * Everything that a service needs, directly or through others; never itself. What nobody declared and sits beside a service stands
   * between it and what it needs: the service needs it, and it needs the same.
   */
  dependenciesOf(name: string): ReadonlySet<string>
  /** Everything that needs a service, directly or through others; never itself. */
  dependentsOf(name: string): ReadonlySet<string>
  /** Others that need something that a service needs directly, without it standing between them and it. */
  peersOf(name: string): ReadonlySet<string>
}

type Edges = (name: string) => readonly string[]

function reachable(from: string, edges: Edges): ReadonlySet<string> {
  const seen = new Set<string>()
  const stack = [...edges(from)]
  for (let name = stack.pop(); name !== undefined; name = stack.pop()) {
    if (seen.has(name)) continue
    seen.add(name)
    stack.push(...edges(name))
  }
  seen.delete(from)
  return seen
}

export function topologyOf({ services }: Inventory): Topology {
  const sorted = services.toSorted((a, b) => (a.name < b.name ? -1 : 1))
  const byName = new Map(sorted.map((service) => [service.name, service]))
  const declared: Edges = (name) => {
    const { beside, depends_on = [] } = byName.get(name) ?? {}
    return beside === undefined ? depends_on : (byName.get(beside)?.depends_on ?? [])
  }
  const needs: Edges = (name) => [...declared(name), ...sorted.filter(({ beside }) => beside === name).map((service) => service.name)]
  const neededBy: Edges = (name) => sorted.filter((service) => needs(service.name).includes(name)).map((service) => service.name)
  const dependentsOf = (name: string) => reachable(name, neededBy)
  return {
    services: byName,
    dependenciesOf: (name) => reachable(name, needs),
    dependentsOf,
    peersOf: (name) => {
      const others = declared(name).flatMap(neededBy)
      return new Set(others.filter((other) => other !== name && !dependentsOf(name).has(other) && !dependentsOf(other).has(name)))
    }
  }
}

/** Where users come in: declared services that nothing depends on. */
export const entriesOf = ({ services, dependentsOf }: Topology): string[] =>
  [...services.values()].filter(({ name, managed }) => managed && dependentsOf(name).size === 0).map(({ name }) => name)
