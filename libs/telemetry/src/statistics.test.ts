import { expect, test } from 'vitest'
import { median, robustZ } from './statistics.ts'

test('median', () => {
  expect(median([])).toBeNull()
  expect(median([3, 1, 2])).toBe(2)
  expect(median([10, 1, 2, 9])).toBe(5.5)
})

test('robust z', () => {
  // Median 3, absolute deviations 2 1 0 1 97: MAD 1.
  expect(robustZ(9, [1, 2, 3, 4, 100], 0.1)).toBeCloseTo(0.6745 * 6)
  expect(robustZ(5, [3, 3, 3], 0.5)).toBeCloseTo(0.6745 * 4)
})
