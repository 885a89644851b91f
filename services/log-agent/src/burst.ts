import type { ParsedLine } from '@triage/telemetry'

/** Complaints that are further apart than this belong to different bursts. */
const gapMs = 5_000
const complains = ({ level }: ParsedLine): boolean => level === 'warn' || level === 'error' || level === 'fatal'

/**
 * When the complaints began that last until now, milliseconds since the epoch: a fault that was reported late is still
 * compared with the time before it began.
 */
export function burstStart(lines: readonly ParsedLine[], now: number): number {
  let start = now
  const times = lines
    .filter(complains)
    .map((line) => Date.parse(line.at))
    .filter((at) => at <= now)
    .sort((a, b) => b - a)
  for (const at of times) {
    if (start - at > gapMs) break
    start = at
  }
  // Without such a burst the window is the last moments.
  return Math.min(start, now - gapMs)
}
