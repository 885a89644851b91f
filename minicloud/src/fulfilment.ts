// fulfilment: takes orders off the queue and marks them fulfilled.
import { setTimeout as delay } from 'node:timers/promises'
import { AckPolicy, type Consumer, type JsMsg, jetstream, jetstreamManager } from '@nats-io/jetstream'
import { type NatsConnection, nanos } from '@nats-io/transport-node'
import { Counter, Gauge } from 'prom-client'
import { bounded } from './lib/bounded.ts'
import { type Listen, readConfig } from './lib/config.ts'
import { type DatabaseSettings, openDatabase } from './lib/database.ts'
import { database, queue as queueFrom } from './lib/environment.ts'
import { httpServer } from './lib/http-server.ts'
import { orderSchema } from './lib/order.ts'
import { type OrderCreated, OrderQueue, ordersStream, type QueueSettings } from './lib/queue.ts'
import { retry } from './lib/retry.ts'
import { run } from './lib/service.ts'

export interface FulfilmentConfig extends Listen {
  database: DatabaseSettings
  queue: QueueSettings
}

/** After a failure nothing is taken for this long, in milliseconds: the same dependency would fail the next message too. */
const pauseMs = 1000

await run('fulfilment', (log) => {
  const config = readConfig<FulfilmentConfig>({ database, queue: queueFrom })
  const { pool, check } = openDatabase(config.database, orderSchema, log)
  const queue = new OrderQueue(config.queue, log)
  const http = httpServer(log, { database: check, queue: () => queue.check() })
  const processed = new Counter({ name: 'messages_processed_total', help: 'Messages processed.' })
  let stopping = false

  async function fulfil(message: JsMsg): Promise<void> {
    try {
      const { order_id } = message.json<OrderCreated>()
      await pool.query("update orders set status = 'fulfilled', fulfilled_at = now() where id = $1", [order_id])
      message.ack()
      processed.inc()
    } catch (error) {
      log.failure('error', `message ${message.seq} failed`, error, { seq: message.seq })
      message.nak(pauseMs)
      await delay(pauseMs)
    }
  }

  async function work(consumer: Consumer): Promise<void> {
    for await (const message of await consumer.consume({ max_messages: 10 })) {
      if (stopping) return
      await fulfil(message)
    }
  }

  void queue.connected.then(async (connection) => {
    const consumer = await retry('opening the consumer', () => openConsumer(connection), log)
    lagGauge(consumer)
    log.info('fulfilment takes orders')
    while (!stopping) await retry('consuming orders', () => work(consumer), log)
  })
  const stop = async () => {
    stopping = true
    await Promise.all([queue.close(), pool.end()])
  }
  return { http, port: config.port, host: config.host, stop }
})

async function openConsumer(connection: NatsConnection): Promise<Consumer> {
  const manager = await jetstreamManager(connection)
  await manager.consumers.add(ordersStream, { durable_name: 'fulfilment', ack_policy: AckPolicy.Explicit, ack_wait: nanos(30_000) })
  return jetstream(connection).consumers.get(ordersStream, 'fulfilment')
}

function lagGauge(consumer: Consumer): void {
  new Gauge({
    name: 'queue_lag',
    help: 'Orders in the queue that are not yet fulfilled.',
    async collect() {
      // While the queue does not answer, the last known lag stands.
      const info = await bounded(consumer.info(), 500).catch(() => null)
      if (info) this.set(info.num_pending + info.num_ack_pending)
    }
  })
}
