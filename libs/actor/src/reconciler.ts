// Level-triggered work: whatever woke us, look at the state and do what it calls for. One incident at a time each, so that
// no decision is made on a state that another is about to change; a failure is tried again.
import type { Logger } from '@triage/log'

const retryMs = 1_000

/** What to do for one incident. Resolves to when it wants to be called again (ms since the epoch), or null. */
type Work = (id: string) => Promise<number | null>

export class Reconciler {
  readonly #work: Work
  readonly #log: Logger
  readonly #running = new Map<string, Promise<void>>()
  readonly #again = new Set<string>()
  readonly #timers = new Map<string, NodeJS.Timeout>()
  #stopped = false

  constructor(work: Work, log: Logger) {
    this.#work = work
    this.#log = log
  }

  /** How many incidents are being worked on. */
  get busy(): number {
    return this.#running.size
  }

  /** Something changed: look at this incident, soon and at least once from now. */
  wake(id: string): void {
    if (this.#stopped) return
    if (this.#running.has(id)) {
      this.#again.add(id)
      return
    }
    clearTimeout(this.#timers.get(id))
    this.#timers.delete(id)
    const run = this.#turn(id).finally(() => {
      this.#running.delete(id)
      if (this.#again.delete(id)) this.wake(id)
    })
    this.#running.set(id, run)
  }

  async stop(): Promise<void> {
    this.#stopped = true
    for (const timer of this.#timers.values()) clearTimeout(timer)
    await Promise.all(this.#running.values())
  }

  async #turn(id: string): Promise<void> {
    let next: number | null
    try {
      next = await this.#work(id)
    } catch (error) {
      this.#log.error({ incident_id: id, err: error }, 'could not do what the incident calls for; trying again')
      next = Date.now() + retryMs
    }
    if (next === null || this.#stopped) return
    this.#timers.set(
      id,
      setTimeout(() => this.wake(id), Math.max(0, Math.min(next - Date.now(), 2 ** 31 - 1)))
    )
  }
}
