// The order in which workloads are started: what is needed comes before what needs it.
import { TriageError } from '@triage/contracts'
import type { WorkloadSpec } from '../workload.ts'

/** Otherwise as given. Throws E_CONFIG for a name that is there twice, a dependency that is not there, and a cycle. */
export function startOrder(specs: readonly WorkloadSpec[]): WorkloadSpec[] {
  const byName = new Map(specs.map((spec) => [spec.name, spec]))
  if (byName.size < specs.length) throw new TriageError('E_CONFIG', 'Two workloads have the same name')
  const ordered = new Set<WorkloadSpec>()
  const visit = (name: string, path: readonly string[]): void => {
    const spec = byName.get(name)
    if (!spec) throw new TriageError('E_CONFIG', `${path.at(-1)} depends on ${name}, which is not declared`)
    if (path.includes(name)) throw new TriageError('E_CONFIG', `The dependencies form a cycle: ${[...path, name].join(' → ')}`)
    if (ordered.has(spec)) return
    for (const needed of spec.depends_on) visit(needed, [...path, name])
    ordered.add(spec)
  }
  for (const { name } of specs) visit(name, [])
  return [...ordered]
}
