import fc from 'fast-check'
import { expect, test } from 'vitest'
import { exhaustion } from './exhaustion.ts'
import type { Point } from './statistics.ts'

const now = 1_000_000_000_000
/** What is found after a point a second, the last one now. */
function after(count: number, y: (second: number) => number, limit = 1000): ReturnType<typeof exhaustion> {
  const points = Array.from({ length: count }, (_, i): Point => [now - (count - 1 - i) * 1000, y(i)])
  return exhaustion(points, limit, now)
}

test('a line reaches its limit where it does', () => {
  // 2 a second from 100: 700 after 300 seconds; 300 more take 150 s.
  const found = after(301, (s) => 100 + 2 * s)
  expect(found).toMatchObject({ limit: 1000 })
  expect(Math.abs(found!.seconds - 150)).toBeLessThanOrEqual(5)
})

test('spikes and a saw-tooth do not move it', () => {
  const found = after(301, (s) => 100 + 2 * s + (s % 20 === 0 ? 5000 : 0) + (s % 7) * 10)
  expect(Math.abs(found!.seconds - 150)).toBeLessThan(40)
})

test('what has settled, falls, stands or is far away is passed over', () => {
  expect(after(301, (s) => Math.min(500, 100 + 4 * s))).toBeNull()
  expect(after(301, (s) => 900 - s)).toBeNull()
  expect(after(301, (s) => 100 + s, 10_000)).toBeNull()
  // A minute at least.
  expect(after(50, (s) => 100 + 10 * s)).toBeNull()
  expect(after(0, () => 0)).toBeNull()
})

test('past its limit it has no time left', () => {
  expect(after(301, (s) => 900 + s)).toMatchObject({ seconds: 0 })
})

test('a constant never ends, nor does noise about it', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 999 }),
      fc.array(fc.integer({ min: -20, max: 20 }), { minLength: 301, maxLength: 301 }),
      (y, noise) => {
        expect(after(301, () => y)).toBeNull()
        expect(after(301, (s) => y + noise[s]!)).toBeNull()
      }
    )
  )
})

test('the unit does not matter', () => {
  fc.assert(
    fc.property(fc.double({ min: 0.001, max: 1e9, noNaN: true }), fc.double({ min: 0.5, max: 3, noNaN: true }), (unit, slope) => {
      const one = after(301, (s) => 50 + slope * s)
      const other = after(301, (s) => (50 + slope * s) * unit, 1000 * unit)
      expect(Math.abs((other?.seconds ?? 0) - (one?.seconds ?? 0))).toBeLessThanOrEqual(1)
    })
  )
})
