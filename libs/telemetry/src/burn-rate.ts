// Multi-window burn rates (Google: The Site Reliability Workbook, chapter 5): how many times too fast errors use up what the objective
// allows of them. Two windows must burn: the long one says that it matters, the short one that it goes on.
import type { MetricSample } from './metric-source.ts'

/** Share of requests that may fail. */
export const errorBudget = 0.005
/** The workbook's windows, an hour and five minutes, six hours and thirty, are divided by this: incidents here are told in seconds. */
const compression = 60
const minutes = 60_000 / compression
/** The workbook's third pair, three days, is longer than what is remembered. */
const windows = [
  { factor: 14.4, longMs: 60 * minutes, shortMs: 5 * minutes },
  { factor: 6, longMs: 360 * minutes, shortMs: 30 * minutes }
]
/** Fewer errors than this are chance. */
const minErrors = 5
/**
 * No error for so many times their mean distance: it is over, whatever the windows still hold. Where few ask and errors are far apart,
 * so many last moments without one are enough: what was repaired must not be held against it.
 */
const overdue = 3
const moments = 2

interface Burn {
  requests: number
  errors: number
  lastError: number
}

function sum(samples: readonly MetricSample[], since: number): Burn {
  const burn = { requests: 0, errors: 0, lastError: Number.NEGATIVE_INFINITY }
  for (const { at, metrics } of samples) {
    if (at <= since || !metrics) continue
    const errors = (metrics.error_ratio ?? 0) * metrics.requests
    burn.requests += metrics.requests
    burn.errors += errors
    if (errors > 0) burn.lastError = at
  }
  return burn
}

/**
 * Error ratio of the long window of the first pair that burns; null when none does.
 * @param momentMs the last moments: nothing shorter is told apart, nor can an error be overdue within them
 */
export function burnRate(samples: readonly MetricSample[], now: number, momentMs: number): number | null {
  for (const { factor, longMs, shortMs } of windows) {
    const long = sum(samples, now - longMs)
    const short = sum(samples, now - Math.max(shortMs, momentMs))
    const burns = ({ requests, errors }: Burn): boolean => errors > factor * errorBudget * requests
    const patience = Math.min(moments * momentMs, Math.max(momentMs, (overdue * shortMs) / short.errors))
    const goesOn = now - short.lastError <= patience
    if (long.errors >= minErrors && burns(long) && burns(short) && goesOn) return long.errors / long.requests
  }
  return null
}
