// The last minutes of every workload of a runtime: its metrics from a source, what it uses from the runtime itself.
import type { MetricAnomalyObservation, ResourceObservation } from '@triage/contracts'
import type { RuntimeReader, Workload } from '@triage/runtime'
import { metricObservations, type Usual } from './metric-observations.ts'
import type { MetricSample, MetricSource } from './metric-source.ts'
import { resourceObservations, type UsageSample } from './resource-observations.ts'
import { Ring } from './ring.ts'

/** Fifteen minutes at a sample a second. */
const capacity = 900

interface Vital {
  observations: (MetricAnomalyObservation | ResourceObservation)[]
  /** The newest sample of each workload that has metrics. */
  latest: ReadonlyMap<string, MetricSample>
  /** See MetricSeries. */
  note?: string
}

interface VitalQuery {
  /** See observationId. */
  prefix: string
  /** One workload alone. */
  only?: string
  /** How far back the baseline goes; as far as is remembered unless told. */
  lookbackMs?: number
  /** By workload. */
  usual?: ReadonlyMap<string, Usual>
}

export class Vitals {
  readonly #runtime: RuntimeReader
  readonly #source: MetricSource
  readonly #withUsage: boolean
  readonly #usage = new Map<string, Ring<UsageSample>>()
  #workloads: readonly Workload[] = []

  /** @param withUsage whether to look at what workloads use as well */
  constructor(runtime: RuntimeReader, source: MetricSource, { withUsage }: { withUsage: boolean }) {
    this.#runtime = runtime
    this.#source = source
    this.#withUsage = withUsage
  }

  /** Lists the workloads and looks once at each. Throws when the runtime cannot be read: not to know is not to be well. */
  async sample(): Promise<void> {
    // Asked at the same time, a runtime looks once for both.
    const [workloads] = await Promise.all([this.#runtime.list(), this.#withUsage ? this.#measure() : null])
    await this.look(workloads)
  }

  /** Looks once at the metrics of each of the workloads. */
  async look(workloads: readonly Workload[]): Promise<void> {
    this.#workloads = workloads
    await this.#source.sample(workloads)
    const names = new Set(workloads.map(({ name }) => name))
    for (const name of this.#usage.keys()) if (!names.has(name)) this.#usage.delete(name)
  }

  async #measure(): Promise<void> {
    for (const { name, cpu_load, rss_bytes, memory_limit_bytes = null } of await this.#runtime.stats()) {
      const ring = this.#usage.get(name) ?? new Ring(capacity)
      this.#usage.set(name, ring)
      ring.push({ at: Date.now(), cpu_load, rss_bytes, memory_limit_bytes })
    }
  }

  /** What is far from what it was, of all workloads that were looked at last or of one. Throws what the source throws. */
  async read({ prefix, only, lookbackMs = Number.POSITIVE_INFINITY, usual }: VitalQuery): Promise<Vital> {
    const workloads = this.#workloads.filter(({ name }) => only === undefined || name === only)
    const { samples, note } = await this.#source.series(workloads)
    const now = Date.now()
    const since = <T extends { at: number }>(series: readonly T[] = []): T[] => series.filter(({ at }) => at >= now - lookbackMs)
    const observations = workloads
      .toSorted((a, b) => (a.name < b.name ? -1 : 1))
      .flatMap(({ name: service, managed, cpu_limit, started_at }) => {
        const startedAt = started_at === undefined ? {} : { startedAt: Date.parse(started_at) }
        const input = { service, samples: since(samples.get(service)), now, prefix }
        const usage = since(this.#usage.get(service)?.values())
        const used = this.#withUsage
          ? resourceObservations({ ...input, managed, usage, ...(cpu_limit !== undefined && { cpu_limit }), ...startedAt })
          : []
        return [...metricObservations({ ...input, usual: usual?.get(service) ?? {} }), ...used]
      })
    const latest = new Map([...samples].flatMap(([name, all]) => (all.length > 0 ? [[name, all.at(-1)!] as const] : [])))
    if (note === undefined) return { observations, latest }
    return { observations: observations.map((one) => ({ ...one, summary: `${one.summary} (${note})`.slice(0, 500) })), latest, note }
  }
}
