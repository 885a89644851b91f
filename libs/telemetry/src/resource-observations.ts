// What a workload uses to observations: far more than it did, or so much more all the time that it will soon have used it up.
import type { ResourceAttributes, ResourceObservation } from '@triage/contracts'
import { exhaustion } from './exhaustion.ts'
import type { MetricObservationsInput } from './metric-observations.ts'
import { minBaseline, type Split, split } from './moments.ts'
import { observationId } from './observation-id.ts'
import { median } from './statistics.ts'

/** What the runtime says that a workload uses. */
export interface UsageSample {
  /** Epoch milliseconds. */
  at: number
  /** Cores. */
  cpu_load: number
  rss_bytes: number
  /** Null: none is known. */
  memory_limit_bytes: number | null
}

interface ResourceObservationsInput extends MetricObservationsInput {
  /** Whether the environment declares the workload. */
  managed: boolean
  /** Cores that it may use at most, where there is a limit. */
  cpu_limit?: number
  /** Oldest first. */
  usage: readonly UsageSample[]
  /** Epoch milliseconds; when this run of the workload began, if that is known. */
  startedAt?: number
}

const limit = {
  factor: 3,
  cpu_load: 0.7,
  cpu_step: 0.5,
  /** Of what it may use at most; and what it must have been below before. */
  cpu_share: 0.8,
  cpu_share_before: 0.6,
  unmanaged_cpu_load: 0.5
}
/** What a process takes in its first moments is no trend. */
const settlingMs = 30_000
/** So many messages nobody wants to wait behind. */
const lagLimit = 1000

const short = (value: number): number => Number(value.toPrecision(3))
const amount = (resource: ResourceAttributes['resource'], value: number): string =>
  resource === 'mem_usage' ? `${Math.round(value / 1e6)} MB` : `${short(value)}`

type Use = Omit<ResourceAttributes, 'managed'>

function processor({ managed, cpu_limit }: ResourceObservationsInput, { recent, before }: Split<UsageSample>): Use | null {
  if (recent.length === 0) return null
  const past = before.map(({ cpu_load }) => cpu_load)
  const value = recent.reduce((sum, { cpu_load }) => sum + cpu_load, 0) / recent.length
  const baseline = median(past) ?? 0
  // A declared workload without a past has just started: starting is work.
  const rose = past.length >= minBaseline && value >= limit.factor * baseline && value >= baseline + limit.cpu_step
  const share = cpu_limit === undefined ? {} : { share: value / cpu_limit, limit: cpu_limit }
  const saturated =
    cpu_limit !== undefined &&
    past.length >= minBaseline &&
    value >= limit.cpu_share * cpu_limit &&
    baseline < limit.cpu_share_before * cpu_limit
  const heavy = managed ? saturated || (value >= limit.cpu_load && rose) : value >= limit.unmanaged_cpu_load
  return heavy ? { resource: 'cpu_load', value, baseline, ...share } : null
}

/** What will be used up soon, if it goes on as it does. */
function exhausted({ samples, usage, startedAt = 0, now }: ResourceObservationsInput): Use[] {
  const metrics = samples.flatMap(({ at, metrics }) => (metrics ? [{ at, ...metrics }] : []))
  const candidates = [
    {
      resource: 'mem_usage',
      points: usage.map(({ at, rss_bytes }) => [at, rss_bytes] as const),
      most: usage.at(-1)?.memory_limit_bytes ?? null
    },
    {
      resource: 'open_fds',
      points: metrics.flatMap(({ at, open_fds }) => (open_fds === null ? [] : [[at, open_fds] as const])),
      most: metrics.at(-1)?.max_fds ?? null
    },
    {
      resource: 'queue_lag',
      points: metrics.flatMap(({ at, queue_lag }) => (queue_lag === null ? [] : [[at, queue_lag] as const])),
      most: lagLimit
    }
  ] as const
  return candidates.flatMap(({ resource, points, most }) => {
    const settled = points.filter(([at]) => at >= startedAt + settlingMs)
    const found = most === null ? null : exhaustion(settled, most, now)
    return found ? [{ resource, value: found.value, baseline: found.baseline, limit: found.limit, exhausted_in_s: found.seconds }] : []
  })
}

function told(service: string, managed: boolean, { resource, value, baseline, limit, exhausted_in_s }: Use): string {
  if (exhausted_in_s !== undefined)
    return `${resource} of ${service} is ${amount(resource, value)} and grows: it reaches its limit of ${amount(resource, limit!)} in ${exhausted_in_s} s`
  const most = limit === undefined ? '' : ` of the ${short(limit)} that it may`
  return `${managed ? service : `${service}, which nobody declared,`} uses ${short(value)} cores${most}, before: ${short(baseline)}`
}

/** What one workload uses over its last moments against what it used before them, and what it will soon have used up. */
export function resourceObservations(all: ResourceObservationsInput): ResourceObservation[] {
  const { service, managed, prefix, now } = all
  const past = <T extends { at: number }>(series: readonly T[]): T[] => series.filter(({ at }) => at <= now)
  const input = { ...all, samples: past(all.samples), usage: past(all.usage) }
  const busy = processor(input, split(input.usage, now))
  return [...(busy ? [busy] : []), ...exhausted(input)].map((use, i) => ({
    observation_id: observationId(prefix, 'resource', service, i + 1),
    kind: 'resource',
    service,
    at: new Date(now).toISOString(),
    summary: told(service, managed, use),
    attributes: { ...use, managed }
  }))
}
