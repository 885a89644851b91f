import { hash } from 'node:crypto'
import type { Delivery } from '@triage/bus'
import { type ErrorCode, type Refusal, type Role, streamOf, TriageError } from '@triage/contracts'
import type { Logger } from '@triage/log'

/** A flood is counted in full, but logged and recorded only so far: this many at once, one more a second. */
const burst = 64
/** What a stream took in longer ago was refused, and put on record, when it came. */
const newsMs = 60_000

/** Appends to the record under an id: the same id is the same refusal, whoever tells it. */
type PutOnRecord = (id: string, refusal: Refusal) => Promise<unknown>

/** Counts, logs and puts on record what was refused: why, where, and the hash of it, never its content. */
export class Refusals {
  readonly #role: Role
  readonly #log: Logger
  readonly #record: PutOnRecord
  readonly #counts = new Map<ErrorCode, number>()
  #budget = burst
  #budgetAt = performance.now()

  constructor(role: Role, log: Logger, record: PutOnRecord) {
    this.#role = role
    this.#log = log
    this.#record = record
  }

  /** Refusals since the start, by code. */
  get counts(): ReadonlyMap<ErrorCode, number> {
    return this.#counts
  }

  get total(): number {
    return [...this.#counts.values()].reduce((sum, count) => sum + count, 0)
  }

  /** @param kept where and when a stream took the message in; absent for what no stream keeps */
  add(message: Delivery, thrown: unknown, kept?: { seq: number; at: number }): void {
    const { code, message: why } = TriageError.from(thrown)
    this.#counts.set(code, (this.#counts.get(code) ?? 0) + 1)
    if (!this.#affordable()) return
    const refusal = {
      subject: message.subject.slice(0, 256),
      code,
      message_sha256: hash('sha256', message.body),
      bytes: message.body.byteLength
    }
    this.#log.warn(refusal, `refused a message: ${why}`)
    // A record of one's own that does not hold is no reason to write another.
    if (message.subject === `audit.record.${this.#role}` || (kept && kept.at < Date.now() - newsMs)) return
    // Several may refuse one message of a stream: the first to say so is enough.
    const id = kept ? `refusal:${streamOf(message.subject)}:${kept.seq}` : `refusal:${this.#role}:${refusal.message_sha256}`
    this.#record(id, refusal).catch((error) => this.#log.error({ err: error }, 'could not put a refusal on record'))
  }

  #affordable(): boolean {
    const now = performance.now()
    this.#budget = Math.min(burst, this.#budget + (now - this.#budgetAt) / 1_000)
    this.#budgetAt = now
    if (this.#budget < 1) return false
    this.#budget--
    if (this.#budget < 1) this.#log.warn('refusing more than can be told: the rest is only counted')
    return true
  }
}
