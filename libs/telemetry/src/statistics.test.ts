import { expect, test } from 'vitest'
import { median, robustZ, theilSen } from './statistics.ts'

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

test('Theil and Sen', () => {
  // Six pairs of ten have the slope 1.
  expect(
    theilSen([
      [1, 1],
      [2, 2],
      [3, 3],
      [4, 4],
      [5, 100]
    ])
  ).toBe(1)
  // Slopes 2, 3, 8/3, 4, 3, 2: the middle of 8/3 and 3.
  expect(
    theilSen([
      [0, 0],
      [1, 2],
      [2, 6],
      [3, 8]
    ])
  ).toBeCloseTo((8 / 3 + 3) / 2)
  expect(theilSen([[1, 1]])).toBeNull()
  expect(
    theilSen([
      [1, 1],
      [1, 5]
    ])
  ).toBeNull()
})
