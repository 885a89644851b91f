// The last moments of a series, and what was before them.
import { median } from './statistics.ts'

export interface Split<T> {
  recent: readonly T[]
  /** The baseline. */
  before: readonly T[]
  /** Milliseconds. */
  recentMs: number
}

/** Where samples are further apart than half of it, the last moments are as long as two of them. */
const recentMs = 3000
/** Fewer samples are no baseline. */
export const minBaseline = 5

/** Oldest first, none later than `now`. */
export function split<T extends { at: number }>(samples: readonly T[], now: number): Split<T> {
  const last = samples.slice(-10)
  const interval = median(last.slice(1).map(({ at }, i) => at - last[i]!.at)) ?? 0
  const window = Math.max(recentMs, 2 * interval)
  const start = now - window
  return { recent: samples.filter(({ at }) => at > start), before: samples.filter(({ at }) => at <= start), recentMs: window }
}
