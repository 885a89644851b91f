import { TriageError } from '@triage/contracts'
import type { Workload } from '@triage/runtime'
import type { MetricSeries, MetricSource } from './metric-source.ts'

type Log = { warn(fields: object, message: string): void }
/** What a source needs between two samples to tell a rate. */
const pairMs = 1_000

/** Asks the first source; when it fails, the second, for that look. Until the first answers again the second is kept warm. */
export class Fallback implements MetricSource {
  readonly #first: MetricSource
  readonly #second: MetricSource
  readonly #log: Log
  #failing = false

  constructor(first: MetricSource, second: MetricSource, log: Log) {
    this.#first = first
    this.#second = second
    this.#log = log
  }

  async sample(workloads: readonly Workload[]): Promise<void> {
    await (this.#failing ? this.#second : this.#first).sample(workloads)
  }

  async series(workloads: readonly Workload[]): Promise<MetricSeries> {
    try {
      const series = await this.#first.series(workloads)
      this.#failing = false
      return series
    } catch (error) {
      const { code, message } = TriageError.from(error, 'E_METRICS_SOURCE')
      this.#log.warn({ code, err: error }, `${message}; the workloads are scraped instead`)
      if (!this.#failing) await this.#second.sample(workloads)
      if (!this.#failing) await new Promise((resolve) => setTimeout(resolve, pairMs))
      this.#failing = true
      await this.#second.sample(workloads)
      return { ...(await this.#second.series(workloads)), note: `scraped by ourselves: ${message}` }
    }
  }
}
