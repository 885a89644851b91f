// Who depends on whom.
import type { Inventory, InventoryService } from '@triage/contracts'

export interface Topology {
  /** By name, in the order of names. */
  services: ReadonlyMap<string, InventoryService>
  /** Everything that a service needs, directly or through others; never itself. */
  dependenciesOf(name: string): ReadonlySet<string>
  /** Everything that needs a service, directly or through others; never itself. */
  dependentsOf(name: string): ReadonlySet<string>
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
  const needs: Edges = (name) => byName.get(name)?.depends_on ?? []
  const neededBy: Edges = (name) => sorted.filter((service) => service.depends_on.includes(name)).map((service) => service.name)
  return {
    services: byName,
    dependenciesOf: (name) => reachable(name, needs),
    dependentsOf: (name) => reachable(name, neededBy)
  }
}

/** Where users come in: declared services that nothing depends on. */
export const entriesOf = ({ services, dependentsOf }: Topology): string[] =>
  [...services.values()].filter(({ name, managed }) => managed && dependentsOf(name).size === 0).map(({ name }) => name)
