// What two scrapes of one service say about the time between them.
import type { Sample } from './exposition.ts'
import { counters, descriptorGauges, httpConventions, lagGauges, lifeCounter, statusLabels } from './metric-names.ts'

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
  /** File descriptors in use, and how many may be, at the second scrape. */
  open_fds: number | null
  max_fds: number | null
  /** A counter fell or went away: the process is another one. */
  restarted: boolean
  /** Some counter grew, the processor time's among them. Null: the service has no such counter. */
  moved: boolean | null
}

const seriesId = ({ name, labels }: Sample): string => JSON.stringify([name, Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1))])

const countersOf = (scrape: Scrape): Map<string, Sample> =>
  new Map(scrape.samples.filter((s) => counters.has(s.name) && Number.isFinite(s.value)).map((s) => [seriesId(s), s]))

const instanceOf = ({ labels }: Sample): string => labels.instance ?? ''

/** Increases of the counters. Any counter of an instance that fell or went away means a new process: then all of them began at zero. */
function increases(before: Scrape, after: Scrape): { grown: Sample[]; restarted: boolean } {
  const now = countersOf(after)
  const old = countersOf(before)
  const fallen = new Set(
    [...old].filter(([id, sample]) => (now.get(id)?.value ?? -1) < sample.value).map(([, sample]) => instanceOf(sample))
  )
  const base = (id: string, sample: Sample): number => (fallen.has(instanceOf(sample)) ? 0 : (old.get(id)?.value ?? 0))
  return { grown: [...now].map(([id, sample]) => ({ ...sample, value: sample.value - base(id, sample) })), restarted: fallen.size > 0 }
}

const statusOf = ({ labels }: Sample): string => labels[statusLabels.find((name) => labels[name] !== undefined) ?? ''] ?? ''
const total = (samples: readonly Sample[]): number => samples.reduce((sum, { value }) => sum + value, 0)
const named = (samples: readonly Sample[], name: string): Sample[] => samples.filter((sample) => sample.name === name)

/** Null when there is no such gauge. */
function gauge({ samples }: Scrape, names: readonly string[]): number | null {
  const found = samples.filter(({ name, value }) => names.includes(name) && Number.isFinite(value))
  return found.length === 0 ? null : total(found)
}

/** `after` must be later than `before`. */
export function serviceMetrics(before: Scrape, after: Scrape): ServiceMetrics {
  const { grown, restarted } = increases(before, after)
  const http = httpConventions.find(({ requests }) => grown.some(({ name }) => name === requests)) ?? httpConventions[0]!
  const answered = named(grown, http.requests)
  const requests = total(answered)
  const timed = total(named(grown, http.timed))
  return {
    requests,
    request_rate: (requests * 1000) / (after.at - before.at),
    error_ratio: requests > 0 ? total(answered.filter((sample) => statusOf(sample).startsWith('5'))) / requests : null,
    latency_ms: timed > 0 ? (total(named(grown, http.seconds)) * http.unit * 1000) / timed : null,
    queue_lag: gauge(after, lagGauges),
    open_fds: gauge(after, [descriptorGauges.used]),
    max_fds: gauge(after, [descriptorGauges.most]),
    restarted,
    moved: grown.some(({ name }) => name === lifeCounter) ? grown.some(({ value }) => value > 0) : null
  }
}
