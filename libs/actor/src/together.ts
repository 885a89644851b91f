import type { Running } from './process.ts'

/** Several as one. They stop at the same time. */
export const together = (...all: Running[]): Running => ({
  inFlight: () => all.reduce((sum, one) => sum + (one.inFlight?.() ?? 0), 0),
  alarms: () => all.flatMap((one) => one.alarms?.() ?? []),
  stop: async () => void (await Promise.all(all.map((one) => one.stop())))
})
