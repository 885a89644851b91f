import { shortfall } from './shortfall.ts'
import type { Look } from './world.ts'

/** Whether nothing of a look may be noise: a probe that fails has failed twice, or what its service needs is seen not to run. */
export function isCertain({ workloads, failing, at }: Look): boolean {
  // Those that do not run as they should, and whoever needs one of them, however far away.
  const hurt = new Set(workloads.filter((workload) => shortfall(workload, at) !== null).map(({ name }) => name))
  for (let before = -1; before < hurt.size; ) {
    before = hurt.size
    for (const { name, depends_on } of workloads) if (depends_on.some((needed) => hurt.has(needed))) hurt.add(name)
  }
  return failing.every(({ service, consecutive }) => consecutive >= 2 || hurt.has(service))
}
