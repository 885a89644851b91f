import { type Msg, type NatsConnection, nuid } from '@nats-io/transport-node'
import { TriageError } from '@triage/contracts'
import { delivery, toHeaders } from './delivery.ts'
import { answerInboxOf } from './layout.ts'
import type { Delivery, Headers } from './port.ts'

const noResponders = 503

/** Questions to other users, and their answers, on one subscription. */
export class Answers {
  readonly #connection: NatsConnection
  readonly #inbox: string
  readonly #waiting = new Map<string, (message: Msg) => void>()
  #subscribed = false

  constructor(connection: NatsConnection, user: string) {
    this.#connection = connection
    this.#inbox = `${answerInboxOf(user)}.${nuid.next()}`
  }

  /** Throws E_BUS_UNREACHABLE when nobody listens or nothing comes in time. */
  async request(subject: string, body: Uint8Array, headers: Headers, timeoutMs: number): Promise<Delivery> {
    this.#subscribe()
    const reply = `${this.#inbox}.${nuid.next()}`
    const { promise, resolve, reject } = Promise.withResolvers<Msg>()
    const fail = (why: string): void => reject(new TriageError('E_BUS_UNREACHABLE', `${subject}: ${why}`))
    const timer = setTimeout(() => fail(`no answer in ${timeoutMs} ms`), timeoutMs)
    this.#waiting.set(reply, (message) => (message.headers?.code === noResponders ? fail('nobody listens') : resolve(message)))
    try {
      this.#connection.publish(subject, body, { reply, headers: toHeaders(headers) })
      return delivery(await promise)
    } finally {
      clearTimeout(timer)
      this.#waiting.delete(reply)
    }
  }

  #subscribe(): void {
    if (this.#subscribed) return
    this.#subscribed = true
    // What comes without having been asked for, or a second time, is nobody's.
    const callback = (error: Error | null, message: Msg): void => {
      if (!error) this.#waiting.get(message.subject)?.(message)
    }
    this.#connection.subscribe(`${this.#inbox}.*`, { callback })
  }
}
