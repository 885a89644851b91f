// Takes down the state of a project as its last known good one.

import type { Workload } from '../workload.ts'
import { Baseline, type GoodConfig, type GoodService } from './baseline.ts'
import { configHash, fingerprintOf, readConfig, textOf } from './config.ts'
import { dockerRuntime } from './driver.ts'
import { Engine, type EngineOptions } from './engine.ts'
import type { Vantage } from './probes.ts'
import { Project, type ServiceContainers } from './project.ts'
import { templateOf } from './template.ts'

export interface BaselineOptions extends EngineOptions {
  project: string
  /** Folder that it is written to: hashes for readers, texts with mode 0600 for the writer. */
  baseline: string
  vantage?: Vantage
}

/** Whoever takes it must see the configurations: a reader's credential throws E_RUNTIME_FORBIDDEN. */
export async function takeBaseline({ baseline: folder, ...options }: BaselineOptions): Promise<void> {
  const engine = new Engine(options)
  const project = new Project(engine, options.project)
  const workloads = await dockerRuntime(options).list()
  const good: Record<string, GoodService> = {}
  const configs: Record<string, GoodConfig> = {}
  for (const service of await project.services()) {
    const workload = workloads.find(({ name }) => name === service.name)
    if (service.beside !== undefined || service.job || !workload) continue
    ;[good[service.name], configs[service.name]] = await stateOf(engine, service, workload)
  }
  new Baseline(folder, options.project).write(good, configs)
}

/** What a baseline keeps of a service. */
export async function stateOf(engine: Engine, { containers }: ServiceContainers, workload: Workload): Promise<[GoodService, GoodConfig]> {
  const [container] = containers
  const config = await readConfig(engine, container)
  return [
    {
      workload,
      replicas: containers.length,
      networks: workload.networks ?? [],
      fingerprint: fingerprintOf(config),
      config_hash: configHash(config)
    },
    { config: textOf(config), template: templateOf(container, config) }
  ]
}
