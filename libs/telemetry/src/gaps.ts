// What a series does not say: counters that stand still, and processes that begin again and again.
import type { MetricSample } from './metric-source.ts'

/** Counters of a process that lives move with every scrape; some clocks tick in hundredths of a second, so a few looks may see nothing. */
const stillMs = 30_000
const stillSamples = 10
const restartsMs = 2 * 60_000
/** A repair restarts once, perhaps twice. */
const minRestarts = 3

/** Seconds since any counter moved, when whoever answers has said the same all along since then; null when the series is alive, or away. */
export function stale(samples: readonly MetricSample[], now: number): number | null {
  const last = samples.findLastIndex(({ metrics }) => metrics?.moved === true)
  const still = samples.slice(last + 1)
  const frozen = last >= 0 && still.length >= stillSamples && still.every(({ metrics }) => metrics?.moved === false)
  const ms = frozen ? now - samples[last]!.at : 0
  return ms >= stillMs ? Math.round(ms / 1000) : null
}

/** How often the process began anew lately; null when that is seldom. */
export function restarts(samples: readonly MetricSample[], now: number): number | null {
  const count = samples.filter(({ at, metrics }) => at > now - restartsMs && metrics?.restarted).length
  return count >= minRestarts ? count : null
}
