import { shortfall } from './shortfall.ts'
import type { Look } from './world.ts'

/** Whether nothing of a look may be noise: a probe that fails has failed twice, or what its service needs is seen not to run. */
export function isCertain({ workloads, failing, at }: Look): boolean {
  const down = new Set(workloads.filter((workload) => shortfall(workload, at) !== null).map(({ name }) => name))
  const needs = new Map(workloads.map(({ name, depends_on }) => [name, depends_on]))
  /** It is down itself, or needs one that is, however far away. */
  const explained = (name: string, seen: readonly string[] = []): boolean =>
    down.has(name) || (needs.get(name) ?? []).some((needed) => !seen.includes(needed) && explained(needed, [...seen, name]))
  return failing.every(({ service, consecutive }) => consecutive >= 2 || explained(service))
}
