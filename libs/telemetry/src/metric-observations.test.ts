import { checkSchema } from '@triage/contracts'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { metricObservations, type Usual } from './metric-observations.ts'
import type { MetricSample } from './metric-source.ts'
import type { ServiceMetrics } from './service-metrics.ts'
import { calm, now } from './test-series.ts'

/** Sixty seconds, a sample each: the last three of one kind, those before of another. Null: metrics that could not be read. */
function history(before: Partial<ServiceMetrics> | null, recent: Partial<ServiceMetrics> | null): MetricSample[] {
  return Array.from({ length: 60 }, (_, i) => {
    const metrics = i < 57 ? before : recent
    const jitter = 1 + ((i % 5) - 2) / 50
    const latency = metrics?.latency_ms ?? calm.latency_ms!
    return {
      at: now - (59 - i) * 1000,
      metrics: metrics && { ...calm, ...metrics, latency_ms: latency * jitter }
    }
  })
}

const input = { service: 'order_s', now, prefix: 'obs-ma-r1' }
const observe = (samples: MetricSample[]) => {
  const found = metricObservations({ ...input, samples })
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

test('what is on record as usual is the baseline, when all that is remembered is ill', () => {
  const ill = history({ latency_ms: 200, request_rate: 1, requests: 1, queue_lag: 60 }, { latency_ms: 200, request_rate: 1, queue_lag: 60 })
  const among = (usual: Usual): string[] => metricObservations({ ...input, samples: ill, usual }).map(({ attributes }) => attributes.metric)
  expect(among({})).toEqual([])
  expect(among({ latency_ms: 20, request_rate: 15, lag: 0 })).toEqual(['latency_ms', 'request_rate', 'lag'])
  expect(among({ latency_ms: 190, request_rate: 1.1, lag: 55 })).toEqual([])
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

test('ids are unique and fit the contract', () => {
  const samples = history({}, { error_ratio: 1, latency_ms: 3000, queue_lag: 90 })
  const found = metricObservations({ service: 'order_s', samples, now, prefix: 'obs-ma-r1' })
  expect(found.map((observation) => observation.observation_id)).toEqual([
    'obs-ma-r1-metric-anomaly-order-s-1',
    'obs-ma-r1-metric-anomaly-order-s-2',
    'obs-ma-r1-metric-anomaly-order-s-3'
  ])
})

test('where looks are ten seconds apart the last moments are as long as two of them', () => {
  const slow = Array.from({ length: 30 }, (_, i) => ({
    at: now - 5_000 - (29 - i) * 10_000,
    metrics: { ...calm, latency_ms: i < 29 ? 20 : 2_000 }
  }))
  expect(observe(slow)).toMatchObject([{ metric: 'latency_ms', baseline: 20 }])
})

test('a quiet shop gives no observation in five minutes, whatever its noise', () => {
  const noise = fc.record({
    requests: fc.integer({ min: 5, max: 30 }),
    // One answer in a thousand fails, and of a request or two one takes long.
    errors: fc.constantFrom(...Array(40).fill(0), 1),
    latency_ms: fc.constantFrom(8, 12, 15, 20, 30, 45),
    queue_lag: fc.integer({ min: 0, max: 4 })
  })
  fc.assert(
    fc.property(fc.array(noise, { minLength: 300, maxLength: 300 }), (seconds) => {
      const samples = seconds.map(({ errors, requests, ...rest }, i) => ({
        at: now - (299 - i) * 1000,
        metrics: { ...calm, ...rest, requests, request_rate: requests, error_ratio: errors / 1000 }
      }))
      for (let end = 10; end <= 300; end += 29) {
        const seen = samples.slice(0, end)
        expect(metricObservations({ service: 'orders', samples: seen, now: seen.at(-1)!.at, prefix: 'obs-ma-r1' })).toEqual([])
      }
    }),
    { numRuns: 30 }
  )
})

test('the same at another scale: more requests of the same kind are no other finding', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1000 }), fc.double({ min: 0, max: 1, noNaN: true }), (scale, error_ratio) => {
      const scaled = (metrics: Partial<ServiceMetrics>) => ({ ...metrics, requests: 15 * scale, request_rate: 15 * scale })
      const [one] = observe(history({}, { error_ratio }))
      const [other] = observe(history(scaled({}), scaled({ error_ratio })))
      expect([other?.metric, other?.detector]).toEqual([one?.metric, one?.detector])
    }),
    { numRuns: 50 }
  )
})
