import { limits } from '@triage/contracts'

/** Which roles are alive, from their heartbeats. Times in milliseconds on one monotonic clock. */
export class Liveness {
  readonly #since: number
  readonly #heard = new Map<string, number>()

  /** @param since nobody is lost before this instant plus five seconds: they had no time to be heard */
  constructor(since: number) {
    this.#since = since
  }

  hear(role: string, at: number): void {
    this.#heard.set(role, at)
  }

  /** Those of `roles` of which no process has been heard for five seconds. */
  lost(roles: readonly string[], now: number): Set<string> {
    return new Set(roles.filter((role) => now - (this.#heard.get(role) ?? this.#since) > limits.heartbeat_lost_ms))
  }
}
