import { setTimeout as delay } from 'node:timers/promises'
import type { Logger } from './log.ts'

const maxWaitMs = 2000

/** Repeats `attempt` until it succeeds, after 0.1 s, doubling to 2 s. What fails in the first seconds may still be starting. */
export async function retry<T>(what: string, attempt: () => Promise<T>, log: Logger): Promise<T> {
  for (let wait = 100; ; wait = Math.min(wait * 2, maxWaitMs)) {
    try {
      return await attempt()
    } catch (error) {
      log.failure(wait < maxWaitMs ? 'warn' : 'error', `${what} failed`, error)
      await delay(wait)
    }
  }
}
