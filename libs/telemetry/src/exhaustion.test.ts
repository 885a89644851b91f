import fc from 'fast-check'
import { expect, test } from 'vitest'
import { exhaustion } from './exhaustion.ts'
import type { Point } from './statistics.ts'

const now = 1_000_000_000_000
/** A point a second, the last one now. */
const points = (count: number, y: (second: number) => number): Point[] =>
  Array.from({ length: count }, (_, i) => [now - (count - 1 - i) * 1000, y(i)])

test('a line reaches its limit where it does', () => {
  // 2 a second from 100: 700 after 300 seconds; 300 more take 150 s.
  const found = exhaustion(
    points(301, (s) => 100 + 2 * s),
    1000,
    now
  )
  expect(found).toMatchObject({ limit: 1000 })
  expect(Math.abs(found!.seconds - 150)).toBeLessThanOrEqual(5)
})

test('spikes and a saw-tooth do not move it', () => {
  const found = exhaustion(
    points(301, (s) => 100 + 2 * s + (s % 20 === 0 ? 5000 : 0) + (s % 7) * 10),
    1000,
    now
  )
  expect(Math.abs(found!.seconds - 150)).toBeLessThan(40)
})

test('what has settled, falls, stands or is far away is passed over', () => {
  expect(
    exhaustion(
      points(301, (s) => Math.min(500, 100 + 4 * s)),
      1000,
      now
    )
  ).toBeNull()
  expect(
    exhaustion(
      points(301, (s) => 900 - s),
      1000,
      now
    )
  ).toBeNull()
  expect(
    exhaustion(
      points(301, (s) => 100 + s),
      10_000,
      now
    )
  ).toBeNull()
  // A minute at least.
  expect(
    exhaustion(
      points(50, (s) => 100 + 10 * s),
      1000,
      now
    )
  ).toBeNull()
  expect(exhaustion([], 1000, now)).toBeNull()
})

test('past its limit it has no time left', () => {
  expect(
    exhaustion(
      points(301, (s) => 900 + s),
      1000,
      now
    )
  ).toMatchObject({ seconds: 0 })
})

test('a constant never ends, nor does noise about it', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 999 }),
      fc.array(fc.integer({ min: -20, max: 20 }), { minLength: 301, maxLength: 301 }),
      (y, noise) => {
        expect(
          exhaustion(
            points(301, () => y),
            1000,
            now
          )
        ).toBeNull()
        expect(
          exhaustion(
            points(301, (s) => y + noise[s]!),
            1000,
            now
          )
        ).toBeNull()
      }
    )
  )
})

test('the unit does not matter', () => {
  fc.assert(
    fc.property(fc.double({ min: 0.001, max: 1e9, noNaN: true }), fc.double({ min: 0.5, max: 3, noNaN: true }), (unit, slope) => {
      const one = exhaustion(
        points(301, (s) => 50 + slope * s),
        1000,
        now
      )
      const other = exhaustion(
        points(301, (s) => (50 + slope * s) * unit),
        1000 * unit,
        now
      )
      expect(Math.abs((other?.seconds ?? 0) - (one?.seconds ?? 0))).toBeLessThanOrEqual(1)
    })
  )
})
