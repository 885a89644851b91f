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
