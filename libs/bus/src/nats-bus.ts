// The bus on NATS with JetStream. Why each option is as it is: docs/decisions/0003-nats.md.
import {
  JetStreamApiError,
  type JetStreamClient,
  type JetStreamManager,
  type JsMsg,
  jetstream,
  jetstreamManager,
  type StoredMsg
} from '@nats-io/jetstream'
import { type KV, Kvm } from '@nats-io/kv'
import { connect, type Msg, type MsgHdrs, type NatsConnection, headers as natsHeaders } from '@nats-io/transport-node'
import { type StreamName, TriageError } from '@triage/contracts'
import type { AppendOptions, Bus, Delivery, Handler, Headers, LeaseStore, Published, Stored, Subscription, WorkHandlers } from './port.ts'
import { ackWaitMs, buckets, leaseTtlMs, maxDeliver } from './provision.ts'

export interface NatsOptions {
  url: string
  /** Shown in the server's monitoring. */
  name: string
  /** Told of the connection's ups and downs. */
  log?: (event: string, detail: unknown) => void
  /** Give up the first connection after this long; wait for ever when absent. */
  connectTimeoutMs?: number
}

/** Subject's last sequence number or stream's last sequence number was another than expected. */
const wrongLastSequence = new Set([10071, 10070, 10164])
const noMessage = 10037
const noSequence = 10043
const historyBatch = 64
/** A pull lives this long, with a heartbeat at half of it: a server that was restarted is noticed after two that are missing. */
const pullMs = 4_000

const toHeaders = (values: Headers): MsgHdrs => {
  const out = natsHeaders()
  for (const [name, value] of Object.entries(values)) out.set(name, value)
  return out
}
const delivery = (message: { subject: string; data: Uint8Array; headers?: MsgHdrs }): Delivery => ({
  subject: message.subject,
  body: message.data,
  header: (name) => message.headers?.get(name) ?? ''
})
const fromLive = (message: JsMsg): Stored => ({ ...delivery(message), seq: message.seq, at: message.info.timestampNanos / 1e6 })
const fromStore = (message: StoredMsg): Stored => ({
  ...delivery({ subject: message.subject, data: message.data, headers: message.header }),
  seq: message.seq,
  at: message.time.getTime()
})
const unreachable = (error: unknown): never => {
  throw error instanceof TriageError
    ? error
    : new TriageError('E_BUS_UNREACHABLE', `the message bus did not answer: ${(error as Error).message}`, { cause: error })
}

const conflict = (subject: string, cause: Error): never => {
  throw new TriageError('E_BUS_CONFLICT', `${subject}: ${cause.message}`, { cause })
}

/** Connects; waits for the server for ever, or for `connectTimeoutMs`. */
export async function connectNats(options: NatsOptions): Promise<Bus & { connection: NatsConnection }> {
  const nc = await connect({
    servers: options.url,
    name: options.name,
    inboxPrefix: `_INBOX_${options.name}`,
    maxReconnectAttempts: -1,
    reconnectTimeWait: 250,
    reconnectJitter: 250,
    waitOnFirstConnect: options.connectTimeoutMs === undefined,
    timeout: options.connectTimeoutMs ?? 20_000,
    pingInterval: 5_000,
    maxPingOut: 2,
    noAsyncTraces: true
  }).catch(unreachable)
  void (async () => {
    for await (const status of nc.status()) options.log?.(status.type, status)
  })()
  const jsm = await jetstreamManager(nc, { checkAPI: false })
  return new NatsBus(nc, jsm, jetstream(nc))
}

class NatsBus implements Bus {
  readonly connection: NatsConnection
  readonly leases: LeaseStore
  readonly #jsm: JetStreamManager
  readonly #js: JetStreamClient
  #kv = new Map<string, Promise<KV>>()

  constructor(nc: NatsConnection, jsm: JetStreamManager, js: JetStreamClient) {
    this.connection = nc
    this.#jsm = jsm
    this.#js = js
    this.leases = {
      ttlMs: leaseTtlMs,
      read: (name) => this.#read(name),
      write: (name, value, revision) => this.#write(name, value, revision),
      remove: (name, revision) => this.#remove(name, revision)
    }
  }

  async append(subject: string, body: Uint8Array, headers: Headers, options: AppendOptions): Promise<Published> {
    const expect = { lastSubjectSequence: options.lastSubjectSeq, lastSequence: options.lastSeq }
    try {
      const ack = await this.#js.publish(subject, body, {
        msgID: options.id,
        headers: toHeaders(headers),
        expect,
        timeout: 5_000,
        retries: 3
      })
      return { seq: ack.seq, duplicate: ack.duplicate }
    } catch (error) {
      if (!(error instanceof JetStreamApiError && wrongLastSequence.has(error.code))) return unreachable(error)
      return (await this.#saidBefore(subject, options.id)) ?? conflict(subject, error)
    }
  }

  /** A conflict with ourselves: an append whose answer got lost, tried again. Servers differ in whether they see that before the conflict. */
  async #saidBefore(subject: string, id: string): Promise<Published | null> {
    const stream = await this.#jsm.streams.find(subject).catch(unreachable)
    const last = await this.last(stream as StreamName, subject)
    return last?.header('Nats-Msg-Id') === id ? { seq: last.seq, duplicate: true } : null
  }

  async get(stream: StreamName, seq: number): Promise<Stored | null> {
    return this.#stored(stream, { seq })
  }

  async last(stream: StreamName, subject?: string): Promise<Stored | null> {
    if (subject) return this.#stored(stream, { last_by_subj: subject })
    const { lastSeq } = await this.size(stream)
    return lastSeq === 0 ? null : this.#stored(stream, { seq: lastSeq })
  }

  async size(stream: StreamName): Promise<{ messages: number; lastSeq: number }> {
    const { state } = await this.#jsm.streams.info(stream).catch(unreachable)
    return { messages: state.messages, lastSeq: state.last_seq }
  }

  async erase(stream: StreamName, seq: number): Promise<void> {
    try {
      await this.#jsm.streams.deleteMessage(stream, seq, true)
    } catch (error) {
      if (!(error instanceof JetStreamApiError && error.code === noSequence)) unreachable(error)
    }
  }

  async #stored(stream: StreamName, query: { seq: number } | { last_by_subj: string }): Promise<Stored | null> {
    try {
      const message = await this.#jsm.streams.getMessage(stream, query as { seq: number })
      return message ? fromStore(message) : null
    } catch (error) {
      if (error instanceof JetStreamApiError && error.code === noMessage) return null
      return unreachable(error)
    }
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
    options: { consumer: string | null; from?: number },
    handle: Handler,
    caughtUp?: () => void
  ): Promise<Subscription> {
    const state = { stopped: false }
    let seen = (options.from ?? 1) - 1
    const once = async (message: Stored): Promise<void> => {
      if (message.seq <= seen) return
      await untilDone(handle, message, state)
      seen = message.seq
    }
    for await (const message of this.history(stream, seen + 1)) {
      if (state.stopped) break
      await once(message)
    }
    caughtUp?.()
    const consumer = options.consumer
      ? await this.#js.consumers.get(stream, options.consumer).catch(unreachable)
      : await this.#js.consumers.get(stream, { opt_start_seq: seen + 1, deliver_policy: 'by_start_sequence' } as never).catch(unreachable)
    const messages = await consumer.consume({ max_messages: 500, expires: pullMs })
    const done = (async () => {
      for await (const message of messages) {
        // Delivered into a connection that broke, a message comes again later than those after it: read what is missing.
        for (let seq = seen + 1; seq < message.seq; seq++) {
          const missed = await this.get(stream, seq)
          if (missed) await once(missed)
        }
        await once(fromLive(message))
        if (options.consumer) message.ack()
      }
    })()
    return {
      stop: async () => {
        state.stopped = true
        messages.stop()
        await done
      }
    }
  }

  async work(stream: StreamName, name: string, handlers: WorkHandlers): Promise<Subscription> {
    const consumer = await this.#js.consumers.get(stream, name).catch(unreachable)
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
    const callback = (_: unknown, message: Msg): void =>
      handle(delivery(message), message.reply ?? '', (body, headers) => void message.respond(body, { headers: toHeaders(headers) }))
    const subscription = this.connection.subscribe(subject, { callback })
    return { stop: async () => subscription.unsubscribe() }
  }

  async request(subject: string, body: Uint8Array, headers: Headers, timeoutMs: number): Promise<Delivery> {
    const answer = await this.connection.request(subject, body, { timeout: timeoutMs, headers: toHeaders(headers) }).catch(unreachable)
    return delivery(answer)
  }

  async nextEpoch(role: string): Promise<number> {
    const kv = await this.#bucket(buckets.epochs)
    for (;;) {
      const entry = await kv.get(role)
      const next = entry ? Number(entry.string()) + 1 : 1
      const written = await casWrite(kv, role, String(next), entry?.revision ?? 0)
      if (written !== null) return next
    }
  }

  async #read(name: string): Promise<{ value: string; revision: number } | null> {
    const entry = await (await this.#bucket(buckets.leases)).get(name)
    return entry?.operation === 'PUT' ? { value: entry.string(), revision: entry.revision } : null
  }

  async #write(name: string, value: string, revision: number): Promise<number | null> {
    return casWrite(await this.#bucket(buckets.leases), name, value, revision)
  }

  async #remove(name: string, revision: number): Promise<void> {
    await (await this.#bucket(buckets.leases)).delete(name, { previousSeq: revision })
  }

  #bucket(name: string): Promise<KV> {
    const known = this.#kv.get(name) ?? new Kvm(this.connection).open(name)
    this.#kv.set(name, known)
    return known
  }

  connected(): boolean {
    return !this.connection.isClosed() && this.connection.getServer() !== ''
  }

  async close(): Promise<void> {
    if (!this.connection.isClosed()) await this.connection.drain().catch(() => this.connection.close())
  }
}

/** Writes when the revision is still the last one; null when it is not. */
async function casWrite(kv: KV, key: string, value: string, revision: number): Promise<number | null> {
  try {
    return revision === 0 ? await kv.create(key, value) : await kv.update(key, value, revision)
  } catch (error) {
    if (error instanceof JetStreamApiError && wrongLastSequence.has(error.code)) return null
    throw error
  }
}

/** A handler that throws is called again, ever slower: a fact may not be skipped. */
async function untilDone(handle: Handler, message: Stored, state: { stopped: boolean }): Promise<void> {
  for (let waitMs = 100; ; waitMs = Math.min(waitMs * 2, 5_000)) {
    try {
      return await handle(message)
    } catch (error) {
      if (state.stopped) throw error
      await new Promise((resolve) => setTimeout(resolve, waitMs))
    }
  }
}

async function workOn(message: JsMsg, { handle, poisoned }: WorkHandlers): Promise<void> {
  const pulse = setInterval(() => message.working(), ackWaitMs / 3)
  try {
    if (message.info.deliveryCount > maxDeliver) {
      await poisoned(fromLive(message))
      message.term('delivered too often')
    } else {
      await handle(fromLive(message))
      await message.ackAck()
    }
  } catch {
    message.nak(500 * message.info.deliveryCount)
  } finally {
    clearInterval(pulse)
  }
}
