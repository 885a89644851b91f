import fc from 'fast-check'
import { expect, test } from 'vitest'
import { LoadWindow } from './load-window.ts'

const samples = fc.array(fc.record({ at: fc.nat(10_000), ms: fc.nat(3000), error: fc.option(fc.constantFrom('GET /: 502', 'overload')) }), {
  maxLength: 50
})

test('stats are those of the window: counts, and percentiles that their share of requests did not exceed', () => {
  fc.assert(
    fc.property(samples, fc.integer({ min: 1, max: 10 }), (all, seconds) => {
      const window = new LoadWindow()
      for (const sample of all) window.add(sample)
      const inside = all.filter((sample) => sample.at > 10_000 - seconds * 1000)
      const stats = window.stats(seconds, 10_000)
      expect(stats.requests).toBe(inside.length)
      expect(stats.errors).toBe(inside.filter((sample) => sample.error).length)
      expect(stats.error_ratio * Math.max(1, stats.requests)).toBeCloseTo(stats.errors)
      for (const [share, value] of [
        [0.5, stats.p50_ms],
        [0.95, stats.p95_ms]
      ] as const) {
        if (value === null) {
          expect(inside).toEqual([])
          continue
        }
        expect(inside.filter((sample) => sample.ms <= value).length).toBeGreaterThanOrEqual(share * inside.length)
        expect(inside.filter((sample) => sample.ms < value).length).toBeLessThan(share * inside.length)
      }
    })
  )
})

test('the memory of the past is bounded and keeps the newest', () => {
  const window = new LoadWindow()
  for (let at = 1; at <= 25_000; at++) window.add({ at, ms: 1, error: null })
  expect(window.stats(600, 25_000).requests).toBeLessThanOrEqual(10_000)
  expect(window.stats(1, 25_000).requests).toBe(1000)
})
