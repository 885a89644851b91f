// What a reader gets to know of a project.
import { TriageError } from '@triage/contracts'
import type { ConfigDiff, ConfigText, LogLine, LogQuery } from '../port.ts'
import type { Workload } from '../workload.ts'
import type { Baseline, BaselineServices, GoodService } from './baseline.ts'
import { configHash, fingerprintOf, readConfig, textOf } from './config.ts'
import { describe, describeAbsent, speaker } from './describe.ts'
import type { Engine } from './engine.ts'
import { differences, hashOf } from './fingerprint.ts'
import { triage } from './labels.ts'
import { LogFormats } from './log-format.ts'
import { readLogs } from './logs.ts'
import type { Vantage } from './probes.ts'
import type { Project, ServiceContainers } from './project.ts'
import { RecentFiles } from './recent-files.ts'

export class Observer {
  readonly #engine: Engine
  readonly #project: Project
  readonly #baseline: Baseline | null
  readonly #vantage: Vantage
  readonly #formats: LogFormats
  readonly #files: RecentFiles

  constructor(engine: Engine, project: Project, baseline: Baseline | null, vantage: Vantage) {
    this.#engine = engine
    this.#project = project
    this.#baseline = baseline
    this.#vantage = vantage
    this.#formats = new LogFormats(engine)
    this.#files = new RecentFiles(engine)
  }

  /** Throws E_RUNTIME_UNKNOWN_PROJECT for a project without containers and without a baseline. */
  async list(): Promise<Workload[]> {
    const services = await this.#project.services()
    const baseline = this.#baseline?.good() ?? null
    if (services.length === 0 && !baseline)
      throw new TriageError('E_RUNTIME_UNKNOWN_PROJECT', `There is no container of a compose project named ${this.#project.name}`)
    const found = await Promise.all(services.map((service) => this.#describe(service, baseline)))
    const names = new Set(found.map(({ name }) => name))
    const absent = Object.values(baseline?.services ?? {}).filter(({ workload }) => !names.has(workload.name))
    return [...absent.map(describeAbsent), ...found]
  }

  async inspect(name: string): Promise<Workload> {
    const baseline = this.#baseline?.good() ?? null
    const service = await this.#project.find(name)
    if (service) return this.#describe(service, baseline)
    const good = baseline?.services[name]
    return good ? describeAbsent(good) : this.#describe(await this.#project.get(name), baseline)
  }

  async logs(name: string, query: LogQuery): Promise<LogLine[]> {
    const service = await this.#project.find(name)
    // What has no container any more has taken its lines along.
    if (!service && this.#baseline?.good()?.services[name]) return []
    return readLogs(this.#engine, (service ?? (await this.#project.get(name))).containers, query)
  }

  async configDiff(name: string): Promise<ConfigDiff> {
    const service = await this.#project.get(name)
    const fingerprint = fingerprintOf(await readConfig(this.#engine, speaker(service)))
    const good = this.#baseline?.good()?.services[name]
    return {
      hash: hashOf(fingerprint),
      baseline_hash: good?.config_hash ?? null,
      paths: good ? differences(good.fingerprint, fingerprint) : []
    }
  }

  /** Throws E_RUNTIME_FORBIDDEN when this process does not get to see it. */
  async getConfig(name: string): Promise<ConfigText & { baseline: ConfigText | null }> {
    const config = await readConfig(this.#engine, speaker(await this.#project.get(name)))
    return { ...textOf(config), baseline: this.#baseline?.configs()?.services[name]?.config ?? null }
  }

  async #describe(service: ServiceContainers, baseline: BaselineServices<GoodService> | null): Promise<Workload> {
    const container = speaker(service)
    const config_hash = configHash(await readConfig(this.#engine, container, await this.#files.of(container)))
    const log_format = await this.#formats.of(container, container.Config.Labels[triage.logFormat])
    return describe(service, { vantage: this.#vantage, config_hash, log_format, baseline })
  }
}
