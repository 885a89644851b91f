// What two scrapes of one service say about the time between them.
import type { Sample } from './prometheus.ts'

export interface Scrape {
  /** Epoch milliseconds. */
  at: number
  samples: readonly Sample[]
}

/** Over the time between two scrapes. Null: nothing to measure. */
export interface ServiceMetrics {
  requests: number
  /** Requests a second. */
  request_rate: number
  /** Share of answers with status 5xx, from 0 to 1. */
  error_ratio: number | null
  /** Mean answer time. */
  latency_ms: number | null
  /** Messages that wait, at the second scrape. */
  queue_lag: number | null
}

const counters = ['http_requests_total', 'http_request_duration_seconds_sum', 'http_request_duration_seconds_count']

const seriesId = ({ name, labels }: Sample): string => JSON.stringify([name, Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1))])

const countersOf = (scrape: Scrape): Map<string, Sample> =>
  new Map(scrape.samples.filter((s) => counters.includes(s.name) && Number.isFinite(s.value)).map((s) => [seriesId(s), s]))

/** Increases of the counters. Any counter that fell or went away means a new process: then all of them began at zero. */
function increases(before: Scrape, after: Scrape): Sample[] {
  const now = countersOf(after)
  const old = countersOf(before)
  const restarted = [...old].some(([id, sample]) => (now.get(id)?.value ?? -1) < sample.value)
  return [...now].map(([id, sample]) => ({ ...sample, value: sample.value - (restarted ? 0 : (old.get(id)?.value ?? 0)) }))
}

const sum = (samples: readonly Sample[], name: string, status = ''): number =>
  samples.filter((s) => s.name === name && (s.labels.status ?? '').startsWith(status)).reduce((total, s) => total + s.value, 0)

/** `after` must be later than `before`. */
export function serviceMetrics(before: Scrape, after: Scrape): ServiceMetrics {
  const grown = increases(before, after)
  const requests = sum(grown, 'http_requests_total')
  const timed = sum(grown, 'http_request_duration_seconds_count')
  const lag = after.samples.find((sample) => sample.name === 'queue_lag' && Number.isFinite(sample.value))
  return {
    requests,
    request_rate: (requests * 1000) / (after.at - before.at),
    error_ratio: requests > 0 ? sum(grown, 'http_requests_total', '5') / requests : null,
    latency_ms: timed > 0 ? (sum(grown, 'http_request_duration_seconds_sum') * 1000) / timed : null,
    queue_lag: lag?.value ?? null
  }
}
