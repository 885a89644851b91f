// The bus on NATS with JetStream. Why it is used as it is: docs/decisions/0003-nats.md and 0006-least-privilege.md.
import { JetStreamApiError, type JetStreamClient, type JetStreamManager, jetstream, jetstreamManager } from '@nats-io/jetstream'
import type { Msg, NatsConnection } from '@nats-io/transport-node'
import { type StreamName, streamOf, TriageError } from '@triage/contracts'
import { Answers } from './answers.ts'
import { isConflict, toBusError } from './bus-error.ts'
import { type NatsOptions, openConnection } from './connect.ts'
import { delivery, fromStore, toHeaders } from './delivery.ts'
import { consume, Follower, lookOn, pullMs } from './follow.ts'
import { NatsLeaseStore } from './lease-store.ts'
import type { AppendOptions, Bus, Delivery, Handler, Headers, LeaseStore, Published, Stored, Subscription, WorkHandlers } from './port.ts'
import { workOn } from './work.ts'

const historyBatch = 64
const noSequence = 10043

/** Connects a user; waits for the server for ever, or for `connectTimeoutMs`. Throws what opening a connection throws. */
export async function connectNats(options: NatsOptions): Promise<Bus & { connection: NatsConnection }> {
  const connection = await openConnection(options)
  return new NatsBus(options.user, connection, await jetstreamManager(connection, { checkAPI: false }), jetstream(connection))
}

class NatsBus implements Bus {
  readonly connection: NatsConnection
  readonly leases: LeaseStore
  readonly #answers: Answers
  readonly #jsm: JetStreamManager
  readonly #js: JetStreamClient

  constructor(user: string, connection: NatsConnection, jsm: JetStreamManager, js: JetStreamClient) {
    this.connection = connection
    this.#answers = new Answers(connection, user)
    this.#jsm = jsm
    this.#js = js
    this.leases = new NatsLeaseStore(js, (subject) => this.last('LEASES', subject))
  }

  async append(subject: string, body: Uint8Array, headers: Headers, options: AppendOptions): Promise<Published> {
    const expect = { lastSubjectSequence: options.lastSubjectSeq, lastSequence: options.lastSeq }
    try {
      const about = { msgID: options.id, headers: toHeaders(headers), expect, timeout: 5_000, retries: 3 }
      const { seq, duplicate } = await this.#js.publish(subject, body, about)
      return { seq, duplicate }
    } catch (error) {
      if (!isConflict(error)) return toBusError(error)
      const before = await this.#saidBefore(subject, options.id)
      if (before) return before
      throw new TriageError('E_BUS_CONFLICT', `${subject}: ${error.message}`, { cause: error })
    }
  }

  /** A conflict with ourselves: an append whose answer got lost, tried again. Servers differ in whether they see that before the conflict. */
  async #saidBefore(subject: string, id: string): Promise<Published | null> {
    const last = await this.last(streamOf(subject)!, subject)
    return last?.header('Nats-Msg-Id') === id ? { seq: last.seq, duplicate: true } : null
  }

  get(stream: StreamName, seq: number): Promise<Stored | null> {
    return this.#stored(stream, { seq })
  }

  async last(stream: StreamName, subject?: string): Promise<Stored | null> {
    if (subject) return this.#stored(stream, { last_by_subj: subject })
    const { lastSeq } = await this.size(stream)
    return lastSeq === 0 ? null : this.#stored(stream, { seq: lastSeq })
  }

  async size(stream: StreamName): Promise<{ messages: number; lastSeq: number }> {
    const { state } = await this.#jsm.streams.info(stream).catch(toBusError)
    return { messages: state.messages, lastSeq: state.last_seq }
  }

  async erase(stream: StreamName, seq: number): Promise<void> {
    try {
      await this.#jsm.streams.deleteMessage(stream, seq, true)
    } catch (error) {
      if (!(error instanceof JetStreamApiError && error.code === noSequence)) toBusError(error)
    }
  }

  async #stored(stream: StreamName, query: { seq: number } | { last_by_subj: string }): Promise<Stored | null> {
    const message = await this.#jsm.streams.getMessage(stream, query as { seq: number }).catch(toBusError)
    return message && fromStore(message)
  }

  async *history(stream: StreamName, from = 1): AsyncGenerator<Stored> {
    const { lastSeq } = await this.size(stream)
    for (let seq = from; seq <= lastSeq; seq += historyBatch) {
      const range = Array.from({ length: Math.min(historyBatch, lastSeq - seq + 1) }, (_, i) => seq + i)
      for (const message of await Promise.all(range.map((n) => this.get(stream, n)))) if (message) yield message
    }
  }

  async follow(
    stream: StreamName,
    { consumer, from = 1 }: { consumer: string | null; from?: number },
    handle: Handler,
    caughtUp?: () => void
  ): Promise<Subscription> {
    const follower = new Follower(this, handle, from - 1)
    await follower.catchUp(stream)
    caughtUp?.()
    return consumer ? consume(this.#js, stream, consumer, follower) : lookOn(this.connection, stream, follower)
  }

  async work(stream: StreamName, name: string, handlers: WorkHandlers): Promise<Subscription> {
    const consumer = await this.#js.consumers.get(stream, name).catch(toBusError)
    // One at a time: a message that waits in this process's buffer would run out of time there.
    const messages = await consumer.consume({ max_messages: 1, expires: pullMs })
    const done = (async () => {
      for await (const message of messages) await workOn(message, handlers)
    })()
    return {
      stop: async () => {
        messages.stop()
        await done
      }
    }
  }

  send(subject: string, body: Uint8Array, headers: Headers = {}): void {
    if (!this.connection.isClosed()) this.connection.publish(subject, body, { headers: toHeaders(headers) })
  }

  listen(
    subject: string,
    handle: (message: Delivery, reply: string, answer: (body: Uint8Array, headers: Headers) => void) => void
  ): Subscription {
    const callback = (error: Error | null, message: Msg): void => {
      // The connection's log tells that the server refused.
      if (error) return
      handle(delivery(message), message.reply ?? '', (body, headers) => void message.respond(body, { headers: toHeaders(headers) }))
    }
    const subscription = this.connection.subscribe(subject, { callback })
    return { stop: async () => subscription.unsubscribe() }
  }

  request(subject: string, body: Uint8Array, headers: Headers, timeoutMs: number): Promise<Delivery> {
    return this.#answers.request(subject, body, headers, timeoutMs)
  }

  async nextEpoch(role: string): Promise<number> {
    // A boot that is counted twice, because the answer to the first try got lost, harms nobody.
    const { seq } = await this.#js.publish(`epoch.${role}`, '', { timeout: 5_000, retries: 3 }).catch(toBusError)
    return seq
  }

  connected(): boolean {
    return !this.connection.isClosed() && this.connection.getServer() !== ''
  }

  async close(): Promise<void> {
    if (!this.connection.isClosed()) await this.connection.drain().catch(() => this.connection.close())
  }
}
