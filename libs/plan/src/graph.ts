// The dependency graph of a plan's tasks.

/** A node and the nodes that must be done before it. */
export interface Node {
  task_id: string
  dependencies: readonly string[]
}

const byName = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/**
 * Kahn's algorithm (CACM 5, 1962) with ties broken by name, so that the same graph always gives the same order.
 * Dependencies on nodes that do not exist are ignored. Nodes on or behind a cycle are left out.
 */
export function topologicalOrder(nodes: readonly Node[]): string[] {
  const names = new Set(nodes.map((node) => node.task_id))
  const waitsFor = new Map(nodes.map((node) => [node.task_id, new Set(node.dependencies.filter((name) => names.has(name)))]))
  const order: string[] = []
  for (;;) {
    const next = [...waitsFor.keys()].filter((name) => waitsFor.get(name)!.size === 0).sort(byName)[0]
    if (next === undefined) return order
    order.push(next)
    waitsFor.delete(next)
    for (const rest of waitsFor.values()) rest.delete(next)
  }
}

/** One concrete cycle, as names each of which depends on the next, the first repeated at the end; null when there is none. */
export function findCycle(nodes: readonly Node[]): string[] | null {
  const ordered = new Set(topologicalOrder(nodes))
  const stuck = new Map(nodes.filter((node) => !ordered.has(node.task_id)).map((node) => [node.task_id, node.dependencies]))
  const path: string[] = []
  let at = [...stuck.keys()].sort(byName)[0]
  // Every stuck node depends on a stuck node: walking along must come back to a node that was passed.
  while (at !== undefined) {
    const start = path.indexOf(at)
    if (start >= 0) return [...path.slice(start), at]
    path.push(at)
    at = [...stuck.get(at)!].filter((name) => stuck.has(name)).sort(byName)[0]
  }
  return null
}

/** Longest number of edges from a root to each node; roots have 0. The graph must have no cycle. */
export function depths(nodes: readonly Node[]): Map<string, number> {
  const byId = new Map(nodes.map((node) => [node.task_id, node]))
  const result = new Map<string, number>()
  for (const name of topologicalOrder(nodes)) {
    const before = byId.get(name)!.dependencies.map((dependency) => result.get(dependency) ?? -1)
    result.set(name, Math.max(-1, ...before) + 1)
  }
  return result
}

/** Whether `later` depends on `earlier`, directly or through others. */
export function dependsOn(nodes: readonly Node[], later: string, earlier: string): boolean {
  const byId = new Map(nodes.map((node) => [node.task_id, node]))
  const seen = new Set<string>()
  const stack = [later]
  for (let name = stack.pop(); name !== undefined; name = stack.pop()) {
    if (seen.has(name)) continue
    seen.add(name)
    const before = byId.get(name)?.dependencies ?? []
    if (before.includes(earlier)) return true
    stack.push(...before)
  }
  return false
}
