// Statistics that a single wild value cannot move.

/** The middle value; the mean of the two middle ones. Null of nothing. */
export function median(values: readonly number[]): number | null {
  const sorted = values.toSorted((a, b) => a - b)
  const upper = sorted[sorted.length >> 1]
  if (upper === undefined) return null
  return sorted.length % 2 === 1 ? upper : (upper + sorted[(sorted.length >> 1) - 1]!) / 2
}

/**
 * 0.6745 (x − median) / MAD: as many standard deviations as if the values were normal (Iglewicz and Hoaglin, 1993).
 * @param floor least MAD: values that never differed would make any change infinite
 */
export function robustZ(x: number, values: readonly number[], floor: number): number {
  const middle = median(values) ?? x
  const mad = median(values.map((value) => Math.abs(value - middle))) ?? 0
  return (0.6745 * (x - middle)) / Math.max(mad, floor)
}

/** A point of a series: when, and how much. */
export type Point = readonly [x: number, y: number]

/**
 * The median of the slopes between all pairs (Theil 1950, Sen 1968): up to 29% of the points may be anything. Null when fewer than two
 * differ in x. Takes the square of the number of points.
 */
export function theilSen(points: readonly Point[]): number | null {
  const slopes = points.flatMap(([x, y], i) => points.slice(i + 1).flatMap(([x2, y2]) => (x2 === x ? [] : [(y2 - y) / (x2 - x)])))
  return median(slopes)
}
