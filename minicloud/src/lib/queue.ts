import { jetstream, jetstreamManager } from '@nats-io/jetstream'
import { connect, type NatsConnection } from '@nats-io/transport-node'
import type { Logger } from './log.ts'
import { retry } from './retry.ts'

export interface QueueSettings {
  url: string
}

export const ordersStream = 'ORDERS'
const ordersCreated = 'orders.created'

/** How long the queue may take to confirm a message, in milliseconds. */
const publishTimeoutMs = 1500

/** What is said when an order was created. */
export interface OrderCreated {
  order_id: number
}

/** The queue's connection: made in the background, kept for ever. */
export class OrderQueue {
  /** Resolves once, when the connection and the stream are there. */
  readonly connected: Promise<NatsConnection>
  #connection: NatsConnection | undefined

  constructor({ url }: QueueSettings, log: Logger) {
    this.connected = retry('connecting to the queue', () => open(url), log)
    void this.connected.then((connection) => {
      this.#connection = connection
      void logStatus(connection, log)
    })
  }

  /** Returns when the queue has stored the message. */
  async publish(order: OrderCreated): Promise<void> {
    const msgID = `order-${order.order_id}`
    await jetstream(this.#live()).publish(ordersCreated, JSON.stringify(order), { msgID, timeout: publishTimeoutMs })
  }

  /** Throws when the queue does not answer; waits for as long as a lost connection takes. */
  async check(): Promise<void> {
    await this.#live().flush()
  }

  async close(): Promise<void> {
    await this.#connection?.close()
  }

  #live(): NatsConnection {
    if (!this.#connection) throw new Error('the queue is not connected yet')
    return this.#connection
  }
}

async function open(url: string): Promise<NatsConnection> {
  const connection = await connect({ servers: url, maxReconnectAttempts: -1, reconnectTimeWait: 500, pingInterval: 5000, timeout: 2000 })
  try {
    const manager = await jetstreamManager(connection, { timeout: 2000 })
    await manager.streams.add({ name: ordersStream, subjects: ['orders.*'], max_msgs: 100_000 })
    return connection
  } catch (error) {
    await connection.close()
    throw error
  }
}

async function logStatus(connection: NatsConnection, log: Logger): Promise<void> {
  for await (const status of connection.status()) {
    if (status.type === 'disconnect') log.warn(`the queue's connection to ${status.server} is lost`, { error: 'disconnect' })
    if (status.type === 'reconnect') log.info(`the queue is connected again to ${status.server}`)
  }
}
