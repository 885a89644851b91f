// A workload's last minutes to observations: what is far from what it was.
import type { MetricAnomalyAttributes, MetricAnomalyObservation, ResourceObservation } from '@triage/contracts'
import { observationId } from './observation-id.ts'
import type { ServiceMetrics } from './service-metrics.ts'
import { median, robustZ } from './statistics.ts'

/** One look at a workload. */
export interface MetricSample {
  /** Epoch milliseconds; the end of the interval that the metrics are about. */
  at: number
  /** Null: could not be read, or the workload has none. */
  metrics: ServiceMetrics | null
  /** Cores in use; null when it could not be read. */
  cpu_load: number | null
}

export interface MetricObservationsInput {
  service: string
  /** Whether the environment declares the workload. */
  managed: boolean
  /** Cores that it may use at most, where there is a limit. */
  cpu_limit?: number
  /** Oldest first. */
  samples: readonly MetricSample[]
  /** Epoch milliseconds. */
  now: number
  /** See observationId. */
  prefix: string
}

/** What lies further back is the baseline. */
const recentMs = 3000
/** Fewer requests say nothing about their kind. */
const minRequests = 3
/** Fewer samples are no baseline. */
const minBaseline = 5
const limit = {
  error_ratio: 0.05,
  latency_ms: 1000,
  z: 6,
  factor: 3,
  /** A drop is seen only where at least this many requests were to be expected. */
  expected_requests: 5,
  rate_share: 0.2,
  cpu_load: 0.7,
  cpu_step: 0.5,
  /** Of what it may use at most; and what it must have been below before. */
  cpu_share: 0.8,
  cpu_share_before: 0.6,
  unmanaged_cpu_load: 0.5
}
/** Least step over the baseline that matters to anyone. */
const step = { latency_ms: 100, lag: 20 }

type Anomaly = Omit<MetricAnomalyAttributes, 'metric'>
interface History {
  recent: readonly MetricSample[]
  before: readonly MetricSample[]
}

const present = (values: readonly (number | null | undefined)[]): number[] =>
  values.filter((value) => value !== null && value !== undefined)
const mean = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0) / values.length
const series = (samples: readonly MetricSample[], name: keyof ServiceMetrics): number[] => present(samples.map((s) => s.metrics?.[name]))

/** Mean over all requests of the samples; null when there were too few. */
function perRequest(samples: readonly MetricSample[], name: 'error_ratio' | 'latency_ms'): number | null {
  const measured = samples.flatMap(({ metrics }) =>
    metrics && metrics[name] !== null ? [{ weight: metrics.requests, value: metrics[name] }] : []
  )
  const requests = measured.reduce((total, { weight }) => total + weight, 0)
  return requests < minRequests ? null : measured.reduce((total, { weight, value }) => total + weight * value, 0) / requests
}

function errorRatio({ recent, before }: History): Anomaly | null {
  const value = perRequest(recent, 'error_ratio')
  if (value === null || value < limit.error_ratio) return null
  return { value, baseline: median(series(before, 'error_ratio')) ?? 0, detector: 'threshold' }
}

/** Far above its baseline: by robust z, by factor and by a step that matters. */
function rise(value: number, baseline: readonly number[], leastStep: number): Anomaly | null {
  if (baseline.length < minBaseline) return null
  const middle = median(baseline)!
  const z = robustZ(value, baseline, Math.max(1, middle * 0.05))
  const far = z >= limit.z && value >= limit.factor * middle && value >= middle + leastStep
  return far ? { value, baseline: middle, z, detector: 'robust_z' } : null
}

function latency({ recent, before }: History): Anomaly | null {
  const value = perRequest(recent, 'latency_ms')
  if (value === null) return null
  const baseline = series(before, 'latency_ms')
  const slow: Anomaly | null = value >= limit.latency_ms ? { value, baseline: median(baseline) ?? 0, detector: 'threshold' } : null
  return rise(value, baseline, step.latency_ms) ?? slow
}

/** Traffic that went away: metrics that can no longer be read, or far fewer requests. No look at all is a gap, not an anomaly. */
function requestRate({ recent, before }: History): Anomaly | null {
  const baseline = median(series(before, 'request_rate').filter((rate) => rate > 0))
  if (baseline === null || recent.length === 0) return null
  const rates = series(recent, 'request_rate')
  if (rates.length === 0) return { value: 0, baseline, detector: 'absent' }
  const expected = (baseline * recentMs) / 1000
  const dropped = expected >= limit.expected_requests && mean(rates) < limit.rate_share * baseline
  return dropped ? { value: mean(rates), baseline, detector: 'absent' } : null
}

function lag({ recent, before }: History): Anomaly | null {
  const value = series(recent, 'queue_lag').at(-1)
  return value === undefined ? null : rise(value, series(before, 'queue_lag'), step.lag)
}

const unit = { error_ratio: '', latency_ms: ' ms', request_rate: ' requests/s', lag: ' messages' }
const round = (value: number): number => Number(value.toPrecision(3))

function anomalies({ service, prefix }: MetricObservationsInput, history: History, at: string): MetricAnomalyObservation[] {
  const found = { error_ratio: errorRatio(history), latency_ms: latency(history), request_rate: requestRate(history), lag: lag(history) }
  const raised = Object.entries(found).filter((entry): entry is [keyof typeof found, Anomaly] => entry[1] !== null)
  return raised.map(([metric, anomaly], i) => ({
    observation_id: observationId(prefix, 'metric_anomaly', service, i + 1),
    kind: 'metric_anomaly',
    service,
    at,
    summary: `${metric} of ${service} is ${round(anomaly.value)}${unit[metric]}, before: ${round(anomaly.baseline)}${unit[metric]}`,
    attributes: { metric, ...anomaly }
  }))
}

function resources(
  { service, managed, cpu_limit, prefix }: MetricObservationsInput,
  { recent, before }: History,
  at: string
): ResourceObservation[] {
  const loads = present(recent.map((sample) => sample.cpu_load))
  if (loads.length === 0) return []
  const past = present(before.map((sample) => sample.cpu_load))
  const value = mean(loads)
  const baseline = median(past) ?? 0
  // A declared workload without a past has just started: starting is work.
  const rose = past.length >= minBaseline && value >= limit.factor * baseline && value >= baseline + limit.cpu_step
  const share = cpu_limit === undefined ? undefined : value / cpu_limit
  const saturated =
    share !== undefined && share >= limit.cpu_share && past.length >= minBaseline && baseline / cpu_limit! < limit.cpu_share_before
  const heavy = managed ? saturated || (value >= limit.cpu_load && rose) : value >= limit.unmanaged_cpu_load
  if (!heavy) return []
  const who = managed ? service : `${service}, which nobody declared,`
  return [
    {
      observation_id: observationId(prefix, 'resource', service, 1),
      kind: 'resource',
      service,
      at,
      summary: `${who} uses ${round(value)} cores${share === undefined ? '' : ` of the ${round(cpu_limit!)} that it may`}, before: ${round(baseline)}`,
      attributes: { resource: 'cpu_load', value, baseline, managed, ...(share !== undefined && { share }) }
    }
  ]
}

/** Metric anomalies and resource use of one workload over the last three seconds, against everything that was seen before them. */
export function metricObservations(input: MetricObservationsInput): (MetricAnomalyObservation | ResourceObservation)[] {
  const samples = input.samples.filter((sample) => sample.at <= input.now)
  const history = {
    recent: samples.filter((sample) => sample.at > input.now - recentMs),
    before: samples.filter((sample) => sample.at <= input.now - recentMs)
  }
  const at = new Date(input.now).toISOString()
  return [...anomalies(input, history, at), ...resources(input, history, at)]
}
