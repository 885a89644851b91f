import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Durations, timeInTurn } from './durations.ts'

test('law: a percentile is the nearest-ranked duration, within a thousandth', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 60_000 }), { minLength: 1, maxLength: 300 }), (times) => {
      const durations = new Durations()
      for (const ms of times) durations.add(ms)
      const sorted = times.toSorted((a, b) => a - b)
      const { samples, p50, p99, max } = durations.summary
      expect(samples).toBe(times.length)
      for (const [value, rank] of [
        [p50, 0.5],
        [p99, 0.99],
        [max, 1]
      ] as const) {
        const exact = sorted[Math.ceil(rank * sorted.length) - 1]!
        expect(Math.abs(value - exact) / exact).toBeLessThan(0.001)
      }
    })
  )
})

test('operations take turns, and the warm-up does not count', async () => {
  const calls: string[] = []
  const took = await timeInTurn(10, { a: (round) => void calls.push(`a${round}`), b: async (round) => void calls.push(`b${round}`) })
  expect([took.a.samples, took.b.samples]).toEqual([10, 10])
  expect(calls).toEqual(Array.from({ length: 11 }, (_, round) => [`a${round}`, `b${round}`]).flat())
})
