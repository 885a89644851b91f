// The last minutes of every workload of a runtime, sampled from their metrics endpoints and from the runtime itself.
import type { MetricAnomalyObservation, ResourceObservation } from '@triage/contracts'
import type { RuntimeReader, Workload } from '@triage/runtime'
import { type MetricSample, metricObservations } from './metric-observations.ts'
import { Ring } from './ring.ts'
import { scrape } from './scrape.ts'
import { type Scrape, serviceMetrics } from './service-metrics.ts'

interface Track {
  managed: boolean
  cpu_limit: number | undefined
  samples: Ring<MetricSample>
  lastScrape: Scrape | null
}

/** Fifteen minutes at a sample a second. */
const capacity = 900

export class Vitals {
  readonly #runtime: RuntimeReader
  readonly #withUsage: boolean
  readonly #tracks = new Map<string, Track>()

  /** @param withUsage whether to ask the runtime for processor use as well */
  constructor(runtime: RuntimeReader, { withUsage }: { withUsage: boolean }) {
    this.#runtime = runtime
    this.#withUsage = withUsage
  }

  /** Lists the workloads and looks once at each. Throws when the runtime cannot be read: not to know is not to be well. */
  async sample(): Promise<Workload[]> {
    const workloads = await this.#runtime.list()
    await this.look(workloads)
    return workloads
  }

  /** Looks once at each of the workloads. */
  async look(workloads: readonly Workload[]): Promise<void> {
    const usage = this.#withUsage ? await this.#runtime.stats() : []
    const load = new Map(usage.map((stats) => [stats.name, stats.cpu_load]))
    await Promise.all(workloads.map((workload) => this.#look(workload, load.get(workload.name) ?? null)))
    const names = new Set(workloads.map((workload) => workload.name))
    for (const name of this.#tracks.keys()) if (!names.has(name)) this.#tracks.delete(name)
  }

  async #look({ name, managed, cpu_limit, metrics_url }: Workload, cpu_load: number | null): Promise<void> {
    const track = this.#tracks.get(name) ?? { managed, cpu_limit, samples: new Ring(capacity), lastScrape: null }
    track.cpu_limit = cpu_limit
    this.#tracks.set(name, track)
    const now = metrics_url ? await scrape(metrics_url) : null
    const metrics = now && track.lastScrape && now.at > track.lastScrape.at ? serviceMetrics(track.lastScrape, now) : null
    track.samples.push({ at: now?.at ?? Date.now(), metrics, cpu_load })
    if (now) track.lastScrape = now
  }

  /** What is far from what it was, of all workloads or of one. */
  observations(prefix: string, only?: string): (MetricAnomalyObservation | ResourceObservation)[] {
    const now = Date.now()
    const names = [...this.#tracks.keys()].filter((name) => only === undefined || name === only).sort()
    return names.flatMap((service) => {
      const { managed, cpu_limit, samples } = this.#tracks.get(service)!
      return metricObservations({ service, managed, ...(cpu_limit !== undefined && { cpu_limit }), samples: samples.values(), now, prefix })
    })
  }

  /** The newest sample of a workload. */
  latest(name: string): MetricSample | null {
    return this.#tracks.get(name)?.samples.values().at(-1) ?? null
  }
}
