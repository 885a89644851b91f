// Metrics that a Prometheus has scraped, read back as the scrapes that they came from: what follows is the same for both sources.
import { TriageError } from '@triage/contracts'
import { readBody, send, type Workload } from '@triage/runtime'
import type { Sample } from './exposition.ts'
import { counters, metricNames, statusLabels } from './metric-names.ts'
import type { MetricSample, MetricSeries, MetricSource } from './metric-source.ts'
import { type Scrape, serviceMetrics } from './service-metrics.ts'

interface PrometheusOptions {
  /** http://host:port, and a path where it has one. */
  url: string
  /** Label that holds the name of the workload. */
  label: string
  /** Milliseconds between two of its scrapes. */
  stepMs: number
  timeoutMs?: number
}

const lookbackMs = 15 * 60_000
const maxBytes = 8 * 1024 ** 2
/** A sample counts for so many steps: one late scrape is no gap. */
const stepsUntilStale = 2.5

/** What query_range answers; as much of it as is read. */
interface Matrix {
  data: { result: { metric: Record<string, string>; values: [number, string][] }[] }
}

export class Prometheus implements MetricSource {
  readonly #options: Required<PrometheusOptions>

  /** Throws E_CONFIG. */
  constructor({ timeoutMs = 1_500, ...options }: PrometheusOptions) {
    if (URL.parse(options.url)?.protocol !== 'http:')
      throw new TriageError('E_CONFIG', `TRIAGE_PROMETHEUS_URL must be http://host:port, not "${options.url}"`)
    if (!/^[a-zA-Z_]\w*$/.test(options.label))
      throw new TriageError('E_CONFIG', `TRIAGE_PROMETHEUS_LABEL is not the name of a label: "${options.label}"`)
    if (options.stepMs < 100) throw new TriageError('E_CONFIG', `TRIAGE_PROMETHEUS_STEP_MS is less than 100: ${options.stepMs}`)
    this.#options = { ...options, timeoutMs }
  }

  /** It remembers by itself. */
  async sample(): Promise<void> {}

  async series(workloads: readonly Workload[]): Promise<MetricSeries> {
    const signal = AbortSignal.timeout(this.#options.timeoutMs)
    try {
      const instants = instantsOf(await this.#ask(workloads, signal), this.#options.label)
      return { samples: new Map([...instants].map(([service, all]) => [service, samplesOf(all)])) }
    } catch (error) {
      const why = signal.aborted ? `no answer within ${this.#options.timeoutMs} ms` : (error as Error).message
      throw new TriageError('E_METRICS_SOURCE', `Prometheus cannot be read: ${why}`, { cause: error })
    }
  }

  async #ask(workloads: readonly Workload[], signal: AbortSignal): Promise<Matrix> {
    const { url, label, stepMs, timeoutMs } = this.#options
    const now = Date.now()
    const names = workloads.map(({ name }) => name).join('|')
    const body = new URLSearchParams({
      // Routes and methods are added up where they are stored: what is read back stays small.
      query: `sum by (__name__, instance, ${[label, ...statusLabels].join(', ')}) ({__name__=~"up|${metricNames.join('|')}", ${label}=~"${names}"})`,
      start: String((now - lookbackMs) / 1000),
      end: String(now / 1000),
      step: String(stepMs / 1000),
      lookback_delta: String((stepsUntilStale * stepMs) / 1000),
      timeout: String(timeoutMs / 1000)
    })
    const answer = await send(`${url.replace(/\/+$/, '')}/api/v1/query_range`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: body.toString(),
      signal
    })
    if (answer.statusCode !== 200) {
      answer.destroy()
      throw new Error(`it answers ${answer.statusCode}`)
    }
    return JSON.parse(String(await readBody(answer, maxBytes))) as Matrix
  }
}

/** By service and time. Throws TypeError when it is not what Prometheus answers. */
function instantsOf({ data }: Matrix, label: string): Map<string, Map<number, Sample[]>> {
  const services = new Map<string, Map<number, Sample[]>>()
  for (const { metric, values } of data.result) {
    const { __name__: name = '', [label]: service = '', ...labels } = metric
    const instants = services.get(service) ?? new Map<number, Sample[]>()
    services.set(service, instants)
    for (const [seconds, value] of values) {
      const at = Math.round(seconds * 1000)
      const instant: Sample[] = instants.get(at) ?? []
      instants.set(at, instant)
      instant.push({ name, labels, value: Number(value) })
    }
  }
  return services
}

/**
 * An instant of which nothing is known is no sample: nobody looked. One at which nothing but `up` is known was looked at in vain.
 * An instance that is missing for a while is taken to stand where it stood.
 */
function samplesOf(instants: ReadonlyMap<number, Sample[]>): MetricSample[] {
  const stood = new Map<string, Sample[]>()
  let last: Scrape | null = null
  return [...instants]
    .sort(([a], [b]) => a - b)
    .flatMap(([at, instant]) => {
      const present = Map.groupBy(
        instant.filter(({ name }) => name !== 'up'),
        ({ labels }) => labels.instance ?? ''
      )
      if (present.size === 0) return [{ at, metrics: null }]
      const missing = [...stood].filter(([name]) => !present.has(name)).flatMap(([, samples]) => samples)
      for (const [name, samples] of present)
        stood.set(
          name,
          samples.filter((sample) => counters.has(sample.name))
        )
      const scrape: Scrape = { at, samples: [...[...present.values()].flat(), ...missing] }
      const metrics = last && serviceMetrics(last, scrape)
      last = scrape
      return [{ at, metrics }]
    })
}
