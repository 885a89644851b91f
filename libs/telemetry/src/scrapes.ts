import type { Workload } from '@triage/runtime'
import type { MetricSample, MetricSeries, MetricSource } from './metric-source.ts'
import { Ring } from './ring.ts'
import { scrape } from './scrape.ts'
import { type Scrape, serviceMetrics } from './service-metrics.ts'

/** Fifteen minutes at a sample a second. */
const capacity = 900

interface Track {
  samples: Ring<MetricSample>
  last: Scrape | null
}

/** Scrapes the workloads' own endpoints at each look and remembers what they said. */
export class Scrapes implements MetricSource {
  readonly #tracks = new Map<string, Track>()

  async sample(workloads: readonly Workload[]): Promise<void> {
    await Promise.all(workloads.map((workload) => this.#look(workload)))
    const names = new Set(workloads.map(({ name }) => name))
    for (const name of this.#tracks.keys()) if (!names.has(name)) this.#tracks.delete(name)
  }

  async series(): Promise<MetricSeries> {
    return { samples: new Map([...this.#tracks].map(([name, { samples }]) => [name, samples.values()])) }
  }

  async #look({ name, status, metrics_url }: Workload): Promise<void> {
    // One that does not run may have no address any more, and is still missed. It is not asked: it would be waited for.
    if (!metrics_url && !this.#tracks.has(name)) return
    const track = this.#tracks.get(name) ?? { samples: new Ring(capacity), last: null }
    this.#tracks.set(name, track)
    const now = metrics_url && status === 'running' ? await scrape(metrics_url) : null
    const metrics = now && track.last && now.at > track.last.at ? serviceMetrics(track.last, now) : null
    track.samples.push({ at: now?.at ?? Date.now(), metrics })
    if (now) track.last = now
  }
}
