import type { ParsedLine } from '@triage/telemetry'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { burstStart } from './burst.ts'

const now = Date.parse('2026-01-01T12:00:00.000Z')
/** A line of so many milliseconds ago. */
const line = (ago: number, level: ParsedLine['level'] = 'error'): ParsedLine => ({
  at: new Date(now - ago).toISOString(),
  level,
  msg: 'no',
  meta: {}
})
/** How long ago the burst began that lasts until now. */
const began = (...lines: ParsedLine[]): number => now - burstStart(lines, now)

test('without complaints the window is the last five seconds', () => {
  expect(began()).toBe(5_000)
  expect(began(line(8_000, 'info'), line(4_000, 'debug'), line(1_000, 'info'))).toBe(5_000)
})

test('a burst began with its first complaint, whatever the order of the lines', () => {
  expect(began(line(12_000), line(9_000, 'warn'), line(6_000, 'fatal'), line(2_000))).toBe(12_000)
  expect(began(line(2_000), line(12_000), line(6_000), line(9_000))).toBe(12_000)
})

test('what lies more than five seconds before a burst does not belong to it', () => {
  expect(began(line(30_000), line(12_001), line(7_000), line(2_000))).toBe(7_000)
  expect(began(line(30_000), line(12_000), line(7_000), line(2_000))).toBe(12_000)
})

test('complaints that are over are no burst that lasts until now', () => {
  expect(began(line(60_000), line(59_000), line(58_000))).toBe(5_000)
})

test('a line of the future says nothing', () => {
  expect(began(line(-3_000), line(7_000), line(2_500))).toBe(7_000)
})

test('law: the window begins at least five seconds ago, is not shrunk by more complaints, and no gap is left in it', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(60_000), { maxLength: 30 }), fc.nat(60_000), (agos, more) => {
      const start = began(...agos.map((ago) => line(ago)))
      expect(start).toBeGreaterThanOrEqual(5_000)
      expect(began(...[...agos, more].map((ago) => line(ago)))).toBeGreaterThanOrEqual(start)
      const inside = [0, ...agos.filter((ago) => ago <= start).sort((a, b) => a - b)]
      for (const [i, ago] of inside.entries()) expect(ago - (inside[i - 1] ?? 0)).toBeLessThanOrEqual(5_000)
    })
  )
})
