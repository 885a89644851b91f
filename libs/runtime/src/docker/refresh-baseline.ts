// Brings the last known good state of a project up to date: what was good stays so until its owner changes it.
import type { Workload } from '../workload.ts'
import { Baseline, type GoodConfig, type GoodService } from './baseline.ts'
import { dockerRuntime } from './driver.ts'
import { Engine } from './engine.ts'
import { compose, type Labels } from './labels.ts'
import { Project, type ServiceContainers } from './project.ts'
import { type BaselineOptions, stateOf } from './take-baseline.ts'

interface RefreshOptions extends BaselineOptions {
  /** Forget what was good before. */
  anew?: boolean
  /** Why a workload whose containers run is not well after all, as its probes tell; null when it is well. */
  examine?: (workload: Workload) => Promise<string | null>
}

export interface Refreshed {
  /** When it was last written: RFC 3339. */
  taken_at: string
  /** Services by name. */
  kept: string[]
  /** New ones, and those that compose has created anew with another configuration since. */
  taken: string[]
  /** Not well now: what was good before, if anything was, stays. */
  skipped: { name: string; why: string }[]
}

/**
 * Takes down the services that are well and of which no good state is known, or that compose has changed since: its own hash of
 * their configuration tells, which the driver leaves as it is. Throws like `takeBaseline`.
 */
export async function refreshBaseline({ baseline: folder, anew = false, examine, ...options }: RefreshOptions): Promise<Refreshed> {
  const engine = new Engine(options)
  const baseline = new Baseline(folder, options.project)
  const before = anew ? null : baseline.good()
  const good: Record<string, GoodService> = { ...before?.services }
  const configs: Record<string, GoodConfig> = { ...(before && baseline.configs()?.services) }
  const workloads = await dockerRuntime(options).list()
  const result: Omit<Refreshed, 'taken_at'> = { kept: [], taken: [], skipped: [] }
  for (const service of await new Project(engine, options.project).services()) {
    const { name, beside, job, containers } = service
    const workload = workloads.find((found) => found.name === name)
    if (beside !== undefined || job || !workload) continue
    if (good[name] && isOf(configs[name], containers[0].Config.Labels)) {
      result.kept.push(name)
      continue
    }
    const why = unwell(service, workload) ?? (await examine?.(workload)) ?? null
    if (why) result.skipped.push({ name, why })
    else {
      ;[good[name], configs[name]] = await stateOf(engine, service, workload)
      result.taken.push(name)
    }
  }
  if (!before || result.taken.length > 0) baseline.write(good, configs)
  return { taken_at: baseline.good()!.taken_at, ...result }
}

const isOf = (config: GoodConfig | undefined, labels: Labels): boolean =>
  config?.template.body.Labels?.[compose.configHash] === labels[compose.configHash]

/** Why the containers of a service are not as they should be; null when all run, and are healthy where that is checked. */
function unwell({ containers }: ServiceContainers, { status, health, replicas }: Workload): string | null {
  if (status !== 'running') return `it is ${status}`
  if (replicas && replicas.running < containers.length) return `${replicas.running} of ${containers.length} containers run`
  if (health && health !== 'healthy') return `its health check says ${health}`
  return null
}
