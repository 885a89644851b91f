import { Buffer } from 'node:buffer'
import { join } from 'node:path'
import { AckPolicy, type JetStreamClient, jetstreamManager } from '@nats-io/jetstream'
import { seedPath } from '@triage/bus/server'
import type { NatsServer } from '@triage/bus/testing'
import type { SupervisedProcess } from '@triage/runtime'
import { createStream } from '../lib/jetstream.ts'
import type { Step } from './watcher.ts'

/** Bytes of the message of each step. */
export type Sizes = Readonly<Record<Step, number>>

/** The relays' command lines: who would plan takes one hop, who would schedule takes two, as in the product. */
function relays({ url, nkeys }: NatsServer, sizes: Sizes, folder: string): SupervisedProcess[] {
  const hop = (from: Step, to: Step): string => `${from}>${to}:${sizes[to]}`
  const work = { planning: [hop('observed', 'proposed')], scheduling: [hop('proposed', 'accepted'), hop('accepted', 'dispatched')] }
  return Object.entries(work).map(([name, hops]) => ({
    name: `relay-${name}`,
    command: [process.execPath, '--max-semi-space-size=1', join(import.meta.dirname, 'relay.ts'), url, seedPath(nkeys, 'root'), ...hops],
    cwd: folder,
    env: {},
    log_file: join(folder, `relay-${name}.log`)
  }))
}

/**
 * The floor under dispatching: as many awaited durable publishes as long as the product's, each seen by another process
 * before the next, on the same server, with nothing decided, signed or checked.
 */
export class Floor implements AsyncDisposable {
  readonly #client: JetStreamClient
  readonly #first: Uint8Array
  readonly #close: () => Promise<void>
  #rounds = 0
  #arrived: () => void = () => {}

  private constructor(client: JetStreamClient, sizes: Sizes, close: () => Promise<void>) {
    this.#client = client
    this.#first = Buffer.alloc(sizes.observed, 'x')
    this.#close = close
  }

  /** @param start spawns the relays */
  static async open(server: NatsServer, sizes: Sizes, folder: string, start: (specs: SupervisedProcess[]) => void): Promise<Floor> {
    const bus = await server.connect('root')
    const client = await createStream(bus.connection, 'FLOOR', 'floor')
    const manager = await jetstreamManager(bus.connection)
    for (const name of Object.keys(sizes))
      await manager.consumers.add('FLOOR', { durable_name: name, filter_subject: `floor.${name}`, ack_policy: AckPolicy.Explicit })
    start(relays(server, sizes, folder))
    const consumer = await client.consumers.get('FLOOR', 'dispatched')
    const messages = await consumer.consume({ max_messages: 500 })
    const floor = new Floor(client, sizes, async () => {
      messages.stop()
      await bus.close()
    })
    void floor.#take(messages)
    return floor
  }

  async #take(messages: AsyncIterable<{ ack(): void }>): Promise<void> {
    for await (const message of messages) {
      this.#arrived()
      message.ack()
    }
  }

  /** Milliseconds of one round: from before the first publish to the arrival of the last message. */
  async round(): Promise<number> {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#arrived = resolve
    const began = performance.now()
    await this.#client.publish('floor.observed', this.#first, { msgID: `observed:${++this.#rounds}` })
    await promise
    return performance.now() - began
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#close()
  }
}
