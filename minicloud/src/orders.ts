// orders: takes orders into Postgres and tells the queue.
import { type Listen, readConfig } from './lib/config.ts'
import { type DatabaseSettings, openDatabase } from './lib/database.ts'
import { database, queue as queueFrom } from './lib/environment.ts'
import { httpServer } from './lib/http-server.ts'
import { type NewOrder, type Order, orderSchema } from './lib/order.ts'
import { OrderQueue, type QueueSettings } from './lib/queue.ts'
import { run } from './lib/service.ts'

export interface OrdersConfig extends Listen {
  database: DatabaseSettings
  queue: QueueSettings
}

const integer = { type: 'integer', minimum: 1, maximum: 2 ** 31 - 1 }
const idParams = { type: 'object', properties: { id: integer } }
const newOrder = {
  type: 'object',
  required: ['product_id', 'quantity', 'unit_price_cents'],
  properties: { product_id: integer, quantity: integer, unit_price_cents: integer }
}
const insert = 'insert into orders (product_id, quantity, unit_price_cents) values ($1, $2, $3) returning *'

await run('orders', (log) => {
  const config = readConfig<OrdersConfig>({ database, queue: queueFrom })
  const { pool, check } = openDatabase(config.database, orderSchema, log)
  const queue = new OrderQueue(config.queue, log)
  const http = httpServer(log, { database: check, queue: () => queue.check() })

  http.post<{ Body: NewOrder }>('/orders', { schema: { body: newOrder } }, async ({ body }, reply) => {
    const { rows } = await pool.query<Order>(insert, [body.product_id, body.quantity, body.unit_price_cents])
    await queue.publish({ order_id: rows[0]!.id })
    return reply.code(201).send(rows[0])
  })
  http.get<{ Params: { id: number } }>('/orders/:id', { schema: { params: idParams } }, async ({ params }, reply) => {
    const { rows } = await pool.query<Order>('select * from orders where id = $1', [params.id])
    return rows[0] ?? reply.code(404).send({ error: `there is no order ${params.id}` })
  })
  return { http, port: config.port, host: config.host, stop: () => Promise.all([queue.close(), pool.end()]) }
})
