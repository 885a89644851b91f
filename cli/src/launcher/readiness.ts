import type { Bus } from '@triage/bus'
import { type Heartbeat, TriageError } from '@triage/contracts'
import { openMessage, ReplayGuard } from '@triage/envelope'
import type { Keyring } from '@triage/keyring'

/** The newest heartbeat of each process of the swarm. */
export class Pulse {
  readonly #heard = new Map<string, Heartbeat & { at: number }>()
  readonly #subscription: { stop(): Promise<void> }

  constructor(bus: Bus, keys: Keyring) {
    const replay = new ReplayGuard()
    this.#subscription = bus.listen('heartbeat.*.*', (message) => {
      try {
        const { payload } = openMessage(message.body, message.header, {
          subject: message.subject,
          keys,
          audiences: ['swarm'],
          replay,
          now: Date.now()
        })
        const beat = payload as Heartbeat
        this.#heard.set(`${beat.role}-${beat.instance}`, { ...beat, at: performance.now() })
      } catch {
        // Not a heartbeat of this swarm.
      }
    })
  }

  get heartbeats(): (Heartbeat & { at: number })[] {
    return [...this.#heard.values()]
  }

  /** Waits until every role has a process that is at work. Throws E_START_FAILED that names those that have none. */
  async ready(roles: readonly string[], timeoutMs: number, logs: string): Promise<void> {
    const deadline = performance.now() + timeoutMs
    for (;;) {
      const missing = roles.filter((role) => !this.heartbeats.some((beat) => beat.role === role && beat.ready))
      if (missing.length === 0) return
      if (performance.now() > deadline)
        throw new TriageError('E_START_FAILED', `not ready after ${timeoutMs / 1000} s: ${missing.join(', ')}; see ${logs}`)
      await new Promise((resolve) => setTimeout(resolve, 25))
    }
  }

  stop(): Promise<void> {
    return this.#subscription.stop()
  }
}
