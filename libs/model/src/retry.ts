// Asking again when a server is too busy. A library would do, but none both waits as long as the server asks for and stops waiting
// when the caller does.
import { setTimeout as delay } from 'node:timers/promises'
import { TriageError } from '@triage/contracts'
import { HttpFailure } from './http-failure.ts'

export interface Patience {
  /** From 0 to 1. */
  random: () => number
  /** Rejects when the signal aborts. */
  sleep: (ms: number, signal: AbortSignal) => Promise<void>
}

export const realPatience: Patience = { random: Math.random, sleep: (ms, signal) => delay(ms, undefined, { signal }) }

const attempts = 3
const firstWaitMs = 500

/** How long the server asks for, else twice as long each time; and up to half as much again, so that not all come back at once. */
const waitMs = (failure: HttpFailure, attempt: number, random: () => number): number =>
  (failure.retryAfterMs ?? firstWaitMs * 2 ** attempt) * (1 + random() / 2)

/**
 * Tries three times while the server says that it is too busy, or that it failed.
 * @param left how much time there is, in milliseconds: a wait that is longer is not begun
 */
export async function patiently<T>(tryOnce: () => Promise<T>, left: () => number, signal: AbortSignal, patience: Patience): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await tryOnce()
    } catch (error) {
      if (!(error instanceof HttpFailure) || error.code !== 'E_MODEL_BUSY') throw error
      const wait = waitMs(error, attempt, patience.random)
      if (attempt + 1 === attempts) throw new TriageError('E_MODEL_BUSY', `${error.message} (${attempts} attempts)`)
      if (wait >= left())
        throw new TriageError('E_MODEL_BUSY', `${error.message} (to be tried again in ${Math.round(wait)} ms, which is too late)`)
      await patience.sleep(wait, signal)
    }
  }
}
