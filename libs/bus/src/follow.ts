// Following a stream: first what it holds, then what comes, in order, each once.
import type { JetStreamClient } from '@nats-io/jetstream'
import type { NatsConnection } from '@nats-io/transport-node'
import { type StreamName, streams } from '@triage/contracts'
import { toBusError } from './bus-error.ts'
import { fromLive } from './delivery.ts'
import type { Bus, Handler, Stored, Subscription } from './port.ts'

/** A pull lives this long, with a heartbeat at half of it: a server that was restarted is noticed after two that are missing. */
export const pullMs = 4_000
/** A message may be heard a moment before its stream holds it: it is looked for this often, with this pause. */
const looksAfterHearing = 20
const settleMs = 5
/** Who looks on without having heard anything looks this often: what is said while a connection breaks is not heard. */
const lookAgainMs = 1_000

/** Handles messages in order, each once. */
export class Follower {
  readonly #bus: Pick<Bus, 'history' | 'get'>
  readonly #handle: Handler
  seen: number
  stopped = false

  /** @param seen sequence number of the last message that needs no handling */
  constructor(bus: Pick<Bus, 'history' | 'get'>, handle: Handler, seen: number) {
    this.#bus = bus
    this.#handle = handle
    this.seen = seen
  }

  /** Handles what the stream holds. */
  async catchUp(stream: StreamName): Promise<void> {
    for await (const message of this.#bus.history(stream, this.seen + 1)) {
      if (this.stopped) return
      await this.#once(message)
    }
  }

  /** Delivered into a connection that broke, a message comes again later than those after it: what is missing is read first. */
  async next(stream: StreamName, message: Stored): Promise<void> {
    for (let seq = this.seen + 1; seq < message.seq; seq++) {
      const missed = await this.#bus.get(stream, seq)
      if (missed) await this.#once(missed)
    }
    await this.#once(message)
  }

  async #once(message: Stored): Promise<void> {
    if (message.seq <= this.seen) return
    await this.#untilDone(message)
    this.seen = message.seq
  }

  /** A handler that throws is called again, ever slower: a fact may not be skipped. */
  async #untilDone(message: Stored): Promise<void> {
    for (let waitMs = 100; ; waitMs = Math.min(waitMs * 2, 5_000)) {
      try {
        return await this.#handle(message)
      } catch (error) {
        if (this.stopped) throw error
        await new Promise((resolve) => setTimeout(resolve, waitMs))
      }
    }
  }
}

/** Goes on with a durable consumer, which the provisioner made. */
export async function consume(js: JetStreamClient, stream: StreamName, name: string, follower: Follower): Promise<Subscription> {
  const consumer = await js.consumers.get(stream, name).catch(toBusError)
  const messages = await consumer.consume({ max_messages: 500, expires: pullMs })
  const done = (async () => {
    for await (const message of messages) {
      await follower.next(stream, fromLive(message))
      message.ack()
    }
  })()
  return {
    stop: async () => {
      follower.stopped = true
      messages.stop()
      await done
    }
  }
}

/** Goes on by reading whenever something is heard on the stream's subjects. Nothing is created on the server. */
export function lookOn(connection: NatsConnection, stream: StreamName, follower: Follower): Subscription {
  let wake: () => void = () => {}
  let heard = 0
  const hear = (): void => {
    heard++
    wake()
  }
  const subscriptions = streams[stream].subjects.map((subject) => connection.subscribe(subject, { callback: hear }))
  const pause = (ms: number): Promise<void> => {
    const { promise, resolve } = Promise.withResolvers<void>()
    const timer = setTimeout(resolve, ms)
    wake = resolve
    return promise.finally(() => clearTimeout(timer))
  }
  const done = (async () => {
    for (let known = -1, patience = 0; !follower.stopped; ) {
      if (heard === known && patience === 0) await pause(lookAgainMs)
      else await new Promise((resolve) => setTimeout(resolve, settleMs))
      if (heard !== known) patience = looksAfterHearing
      known = heard
      const before = follower.seen
      await follower.catchUp(stream).catch(() => {})
      patience = follower.seen > before ? 0 : Math.max(0, patience - 1)
    }
  })()
  return {
    stop: async () => {
      follower.stopped = true
      for (const subscription of subscriptions) subscription.unsubscribe()
      wake()
      await done
    }
  }
}
