// A workload's last minutes to observations: what is far from what it was.
import type { MetricAnomalyAttributes, MetricAnomalyObservation } from '@triage/contracts'
import { burnRate, errorBudget } from './burn-rate.ts'
import { restarts, stale } from './gaps.ts'
import type { MetricSample } from './metric-source.ts'
import { minBaseline, type Split, split } from './moments.ts'
import { observationId } from './observation-id.ts'
import { median, robustZ } from './statistics.ts'

/** What was usual of a service before something was found wrong with it, where that is on record: what is ill for long comes to look usual. */
export type Usual = Readonly<Partial<Record<MetricAnomalyAttributes['metric'], number>>>

export interface MetricObservationsInput {
  service: string
  /** Oldest first. */
  samples: readonly MetricSample[]
  /** Epoch milliseconds. */
  now: number
  /** See observationId. */
  prefix: string
  usual?: Usual
}

/** Fewer requests say nothing about their kind. */
const minRequests = 3
const limit = {
  error_ratio: 0.05,
  latency_ms: 1000,
  z: 6,
  factor: 3,
  /** A drop is seen only where at least this many requests were to be expected. */
  expected_requests: 5,
  rate_share: 0.2
}
/** Least step over the baseline that matters to anyone. */
const step = { latency_ms: 100, lag: 20 }

type Anomaly = Omit<MetricAnomalyAttributes, 'metric'>
interface History extends Split<MetricSample> {
  usual: Usual
}

const present = (values: readonly (number | null | undefined)[]): number[] =>
  values.filter((value) => value !== null && value !== undefined)
const mean = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0) / values.length
type Measure = 'request_rate' | 'error_ratio' | 'latency_ms' | 'queue_lag'
const series = (samples: readonly MetricSample[], name: Measure): number[] => present(samples.map((s) => s.metrics?.[name]))

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

/** What is on record as usual stands for a baseline of its own. */
const baselineOf = (usual: number | undefined, before: readonly MetricSample[], name: Measure): number[] =>
  usual === undefined ? series(before, name) : Array<number>(minBaseline).fill(usual)

function latency({ recent, before, usual }: History): Anomaly | null {
  const value = perRequest(recent, 'latency_ms')
  if (value === null) return null
  const baseline = baselineOf(usual.latency_ms, before, 'latency_ms')
  const slow: Anomaly | null = value >= limit.latency_ms ? { value, baseline: median(baseline) ?? 0, detector: 'threshold' } : null
  return rise(value, baseline, step.latency_ms) ?? slow
}

/** Traffic that went away: metrics that can no longer be read, or far fewer requests. No look at all is a gap, not an anomaly. */
function requestRate({ recent, before, recentMs: window, usual }: History): Anomaly | null {
  const baseline = median(baselineOf(usual.request_rate, before, 'request_rate').filter((rate) => rate > 0))
  if (baseline === null || recent.length === 0) return null
  const rates = series(recent, 'request_rate')
  if (rates.length === 0) return { value: 0, baseline, detector: 'absent' }
  const expected = (baseline * window) / 1000
  const dropped = expected >= limit.expected_requests && mean(rates) < limit.rate_share * baseline
  return dropped ? { value: mean(rates), baseline, detector: 'absent' } : null
}

function lag({ recent, before, usual }: History): Anomaly | null {
  const value = series(recent, 'queue_lag').at(-1)
  return value === undefined ? null : rise(value, baselineOf(usual.lag, before, 'queue_lag'), step.lag)
}

const unit = { error_ratio: '', latency_ms: ' ms', request_rate: ' requests/s', lag: ' messages', restarts: '', age_s: ' s' }
const round = (value: number): number => Number(value.toPrecision(3))

function burning({ samples, now }: MetricObservationsInput, { recentMs }: History): Anomaly | null {
  const value = burnRate(samples, now, recentMs)
  return value === null ? null : { value, baseline: errorBudget, detector: 'burn_rate' }
}
const gap = (value: number | null, detector: Anomaly['detector']): Anomaly | null =>
  value === null ? null : { value, baseline: 0, detector }

function anomalies(input: MetricObservationsInput, history: History, at: string): MetricAnomalyObservation[] {
  const { service, prefix, samples, now } = input
  const found = {
    error_ratio: errorRatio(history) ?? burning(input, history),
    latency_ms: latency(history),
    request_rate: requestRate(history),
    lag: lag(history),
    restarts: gap(restarts(samples, now), 'reset'),
    age_s: gap(stale(samples, now), 'stale')
  }
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

/** Metric anomalies of one workload over its last moments, against everything that was seen before them. */
export function metricObservations(all: MetricObservationsInput): MetricAnomalyObservation[] {
  const input = { ...all, samples: all.samples.filter(({ at }) => at <= all.now) }
  return anomalies(input, { ...split(input.samples, all.now), usual: all.usual ?? {} }, new Date(all.now).toISOString())
}
