import type { Delivery } from '@triage/bus'
import { type MessageType, type Role, TriageError } from '@triage/contracts'
import { type MessageKeys, openMessage, type ReceivedMessage, ReplayGuard } from '@triage/envelope'
import type { Refusals } from './refusals.ts'
import type { Taken } from './taken.ts'

type Kept = Delivery & { seq: number; at: number }
type When = Pick<Parameters<typeof openMessage>[2], 'now' | 'audiences' | 'position' | 'fence' | 'since'>

/** Opens what comes in. A message that does not hold is counted, logged, put on record, and never reaches a handler: it is null. */
export class Inbox {
  readonly refusals: Refusals
  readonly #role: Role
  readonly #keys: MessageKeys
  readonly #taken: Taken
  readonly #replay = new ReplayGuard()
  readonly #startedAt = Date.now()
  #fence = 0

  constructor(role: Role, keys: MessageKeys, refusals: Refusals, taken: Taken) {
    this.refusals = refusals
    this.#role = role
    this.#keys = keys
    this.#taken = taken
  }

  /** A fact of a stream: fresh when the stream took it in. Its replay window is rebuilt by reading the stream. */
  fact(message: Kept): ReceivedMessage | null {
    try {
      return this.#open(message, { now: message.at, audiences: ['swarm', this.#role], position: message.seq })
    } catch (error) {
      this.refusals.add(message, error, message)
      return null
    }
  }

  /**
   * A command from a queue: fresh now, from the scheduler that holds the lease, and never taken from another place, in this life
   * or before. Throws E_BUS_UNREACHABLE when the latter cannot be told.
   */
  async command<T extends MessageType>(type: T, message: Kept): Promise<ReceivedMessage<T> | null> {
    try {
      const opened = this.#open(message, { now: Date.now(), audiences: [this.#role], position: message.seq, fence: this.#fence })
      if (opened.envelope.type !== type) throw new TriageError('E_MESSAGE_SCHEMA', `expected ${type}, got ${opened.envelope.type}`)
      await this.#taken.take(opened.envelope, message.seq)
      this.#fence = Math.max(this.#fence, opened.envelope.fence ?? 0)
      return opened as ReceivedMessage<T>
    } catch (error) {
      if (!/^E_MESSAGE_/.test(TriageError.from(error).code)) throw error
      this.refusals.add(message, error, message)
      return null
    }
  }

  /** Something said once, heard now: fresh now, and issued in this life, since nobody knows what was heard before. */
  signal(message: Delivery, refused?: (error: TriageError) => void): ReceivedMessage | null {
    try {
      return this.#open(message, { now: Date.now(), audiences: ['swarm', this.#role], since: this.#startedAt })
    } catch (error) {
      this.refusals.add(message, error)
      refused?.(TriageError.from(error))
      return null
    }
  }

  #open({ subject, body, header }: Delivery, when: When): ReceivedMessage {
    return openMessage(body, header, { subject, keys: this.#keys, replay: this.#replay, ...when })
  }
}
