import { createHash } from 'node:crypto'
import type { Delivery } from '@triage/bus'
import { limits, type MessageType, TriageError } from '@triage/contracts'
import { type MessageKeys, openMessage, type ReceivedMessage, ReplayGuard } from '@triage/envelope'
import type { Logger } from '@triage/log'

/** Told of each refused message: why, on which subject, and the hash of it, never its content. */
export type Refused = (refusal: { subject: string; code: TriageError['code']; message_sha256: string; bytes: number }) => void

/** Opens what comes in. A message that does not hold is logged, counted, put on record, and never reaches a handler. */
export class Inbox {
  readonly #keys: MessageKeys
  readonly #audiences: readonly string[]
  readonly #log: Logger
  readonly #refused: Refused
  readonly #replay = new ReplayGuard()
  #fence = 0
  #count = 0

  constructor(keys: MessageKeys, audiences: readonly string[], log: Logger, refused: Refused) {
    this.#keys = keys
    this.#audiences = audiences
    this.#log = log
    this.#refused = refused
  }

  /** Messages refused since the start. */
  get refusals(): number {
    return this.#count
  }

  /** A fact of a stream: fresh when the stream took it in. Null when it is refused. */
  fact(message: Delivery & { seq: number; at: number }): ReceivedMessage | null {
    return this.#open(message, { now: message.at, position: message.seq })
  }

  /** A command from a queue: fresh now, and from the scheduler that holds the lease. Throws a TriageError when it is refused. */
  command<T extends MessageType>(type: T, message: Delivery & { seq: number; at: number }): ReceivedMessage<T> {
    const opened = this.#open(message, { now: Date.now(), position: message.seq, fence: this.#fence }, true)!
    this.#fence = Math.max(this.#fence, opened.envelope.fence ?? 0)
    if (opened.envelope.type !== type) throw new TriageError('E_MESSAGE_SCHEMA', `expected ${type}, got ${opened.envelope.type}`)
    return opened as ReceivedMessage<T>
  }

  /** Something said once, heard now. Throws a TriageError when it is refused. */
  signal(message: Delivery): ReceivedMessage {
    return this.#open(message, { now: Date.now() }, true)!
  }

  #open(message: Delivery, when: { now: number; position?: number; fence?: number }, rethrow = false): ReceivedMessage | null {
    try {
      return openMessage(message.body, message.header, {
        subject: message.subject,
        keys: this.#keys,
        audiences: this.#audiences,
        replay: this.#replay,
        ...when
      })
    } catch (error) {
      const { code, message: why } = TriageError.from(error)
      this.#count++
      const message_sha256 = createHash('sha256').update(message.body).digest('hex')
      this.#log.warn({ code, subject: message.subject, bytes: message.body.byteLength, message_sha256 }, `refused a message: ${why}`)
      if (rethrow && this.#count <= limits.replay_window)
        this.#refused({ subject: message.subject, code, message_sha256, bytes: message.body.byteLength })
      if (rethrow) throw error
      return null
    }
  }
}
