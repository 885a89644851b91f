import { checkSchema } from '@triage/contracts'
import { expect, test } from 'vitest'
import { type MetricSample, metricObservations } from './metric-observations.ts'
import type { ServiceMetrics } from './service-metrics.ts'

const now = Date.parse('2025-11-21T05:00:00.000Z')
const calm: ServiceMetrics = { requests: 15, request_rate: 15, error_ratio: 0, latency_ms: 20, queue_lag: 0 }

/** Sixty seconds, a sample each: the last three of one kind, those before of another. Null: metrics that could not be read. */
function history(
  before: Partial<ServiceMetrics> | null,
  recent: Partial<ServiceMetrics> | null,
  cpu: [number, number] = [0.1, 0.1]
): MetricSample[] {
  return Array.from({ length: 60 }, (_, i) => {
    const metrics = i < 57 ? before : recent
    const jitter = 1 + ((i % 5) - 2) / 50
    const latency = metrics?.latency_ms ?? calm.latency_ms!
    return {
      at: now - (59 - i) * 1000,
      metrics: metrics && { ...calm, ...metrics, latency_ms: latency * jitter },
      cpu_load: cpu[i < 57 ? 0 : 1]
    }
  })
}

const observe = (samples: MetricSample[], managed = true) => {
  const found = metricObservations({ service: 'order_s', managed, samples, now, prefix: 'obs-ma-r1' })
  for (const observation of found) expect(checkSchema('observation', observation)).toBeNull()
  return found.map((observation) => observation.attributes)
}

test('a calm service is no news', () => {
  expect(observe(history({}, {}))).toEqual([])
  expect(observe([])).toEqual([])
})

test('error ratio: five in a hundred, of three requests at least', () => {
  expect(observe(history({}, { error_ratio: 0.05 }))).toMatchObject([{ metric: 'error_ratio', baseline: 0, detector: 'threshold' }])
  expect(observe(history({}, { error_ratio: 0.04 }))).toEqual([])
  const rare = history({ requests: 1, request_rate: 1 }, { requests: 1, request_rate: 1, error_ratio: 1 })
  expect(observe(rare)).toHaveLength(1)
  expect(observe(rare.toSpliced(57, 1))).toEqual([])
})

test('the error ratio is that of all requests, not the mean of the samples', () => {
  const samples = history({}, {})
  samples[58]!.metrics = { ...calm, requests: 1, error_ratio: 1 }
  // 1 of 31.
  expect(observe(samples)).toEqual([])
})

test('latency: far by z, by factor and by a step that matters', () => {
  expect(observe(history({}, { latency_ms: 200 }))).toMatchObject([{ metric: 'latency_ms', detector: 'robust_z' }])
  // Four times as slow, but 80 ms are too little to matter.
  expect(observe(history({}, { latency_ms: 100 }))).toEqual([])
  // 300 ms more, but not three times as slow.
  expect(observe(history({ latency_ms: 300 }, { latency_ms: 600 }))).toEqual([])
  const [anomaly] = observe(history({ latency_ms: 100 }, { latency_ms: 400 }))
  expect(anomaly).toMatchObject({ metric: 'latency_ms', baseline: 100 })
})

test('latency: a second is too long, baseline or not', () => {
  expect(observe(history({ latency_ms: 900 }, { latency_ms: 1100 }))).toMatchObject([{ metric: 'latency_ms', detector: 'threshold' }])
  expect(observe(history({}, { latency_ms: 1100 }).slice(57))).toMatchObject([{ metric: 'latency_ms', baseline: 0 }])
})

test('traffic that went away: unreadable metrics, or less than a fifth', () => {
  expect(observe(history({}, null))).toMatchObject([{ metric: 'request_rate', value: 0, baseline: 15, detector: 'absent' }])
  expect(observe(history({}, { requests: 2, request_rate: 2 }))).toMatchObject([{ metric: 'request_rate', value: 2, detector: 'absent' }])
  expect(observe(history({}, { requests: 4, request_rate: 4 }))).toEqual([])
})

test('no traffic is no news where there was none, or where nobody looked', () => {
  expect(observe(history(null, null))).toEqual([])
  expect(observe(history({ requests: 0, request_rate: 0, latency_ms: null }, null))).toEqual([])
  expect(observe(history({}, {}).slice(0, 57))).toEqual([])
  // One request a second: three were to be expected, none came. That is chance.
  expect(observe(history({ requests: 1, request_rate: 1 }, { requests: 0, request_rate: 0, error_ratio: null }))).toEqual([])
})

test('lag', () => {
  expect(observe(history({ queue_lag: 1 }, { queue_lag: 40 }))).toMatchObject([{ metric: 'lag', value: 40, baseline: 1 }])
  expect(observe(history({ queue_lag: 1 }, { queue_lag: 15 }))).toEqual([])
})

test('a declared workload that works much harder than it did', () => {
  const [found] = observe(history({}, {}, [0.1, 0.8]))
  expect(found).toEqual({ resource: 'cpu_load', value: expect.closeTo(0.8), baseline: 0.1, managed: true })
  expect(observe(history({}, {}, [0.1, 0.65]))).toEqual([])
  expect(observe(history({}, {}, [0.5, 0.9]))).toEqual([])
  expect(observe(history({}, {}, [0.1, 0.8]).slice(57))).toEqual([])
})

test('a declared workload that uses all that it may, and did not before', () => {
  const limited = (cpu: [number, number]) =>
    metricObservations({ service: 'orders', managed: true, cpu_limit: 0.5, samples: history({}, {}, cpu), now, prefix: 'obs-ma-r1' })
  expect(limited([0.1, 0.48])).toMatchObject([
    { kind: 'resource', attributes: { value: expect.closeTo(0.48), share: expect.closeTo(0.96) } }
  ])
  expect(limited([0.1, 0.3])).toEqual([])
  expect(limited([0.45, 0.49])).toEqual([])
})

test('an undeclared workload by what it uses', () => {
  expect(observe(history(null, null, [0.6, 0.6]), false)).toEqual([
    { resource: 'cpu_load', value: expect.closeTo(0.6), baseline: 0.6, managed: false }
  ])
  expect(observe(history(null, null, [0.6, 0.6]).slice(57), false)).toMatchObject([{ baseline: 0, managed: false }])
  expect(observe(history(null, null, [0.6, 0.4]), false)).toEqual([])
})

test('ids are unique and fit the contract', () => {
  const samples = history({}, { error_ratio: 1, latency_ms: 3000, queue_lag: 90 }, [0.1, 1])
  const found = metricObservations({ service: 'order_s', managed: true, samples, now, prefix: 'obs-ma-r1' })
  expect(found.map((observation) => observation.observation_id)).toEqual([
    'obs-ma-r1-metric-anomaly-order-s-1',
    'obs-ma-r1-metric-anomaly-order-s-2',
    'obs-ma-r1-metric-anomaly-order-s-3',
    'obs-ma-r1-resource-order-s-1'
  ])
})
