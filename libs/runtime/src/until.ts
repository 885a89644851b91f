// For tests: waits for something to become true.
import { setTimeout as delay } from 'node:timers/promises'

/** Asks until the answer is neither null, undefined nor false, and returns it; fails after 30 s with the last error, if any. */
export async function until<T>(what: string, ask: () => T | Promise<T>): Promise<Exclude<T, false | null | undefined>> {
  const deadline = performance.now() + 30_000
  let cause: unknown
  while (performance.now() < deadline) {
    try {
      const answer = await ask()
      if (answer !== null && answer !== undefined && answer !== false) return answer as Exclude<T, false | null | undefined>
    } catch (error) {
      cause = error
    }
    await delay(25)
  }
  throw new Error(`in vain: ${what}`, { cause })
}
