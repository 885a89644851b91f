// storefront: what customers see. Everything comes from catalog and orders.
import { type Listen, readConfig } from './lib/config.ts'
import { text } from './lib/environment.ts'
import { httpServer } from './lib/http-server.ts'
import type { Order } from './lib/order.ts'
import type { Product } from './lib/product.ts'
import { run } from './lib/service.ts'
import { Upstream } from './lib/upstream.ts'

export interface StorefrontConfig extends Listen {
  upstreams: { catalog: string; orders: string }
}

const integer = { type: 'integer', minimum: 1, maximum: 1_000_000 }
const idParams = { type: 'object', properties: { id: integer } }
const basket = { type: 'object', required: ['product_id', 'quantity'], properties: { product_id: integer, quantity: integer } }

await run('storefront', (log) => {
  const { port, host, upstreams } = readConfig<StorefrontConfig>({
    upstreams: (env) => ({ catalog: text('CATALOG_URL')(env), orders: text('ORDERS_URL')(env) })
  })
  const catalog = new Upstream('catalog', upstreams.catalog)
  const orders = new Upstream('orders', upstreams.orders)
  const http = httpServer(log, { catalog: () => catalog.check(), orders: () => orders.check() })

  http.get('/', async (_request, reply) => reply.type('text/html').send('<!doctype html><title>The shop</title><h1>The shop</h1>'))
  http.get<{ Params: { id: number } }>('/products/:id', { schema: { params: idParams } }, ({ params }) =>
    catalog.call<Product>(`/products/${params.id}`)
  )
  http.post<{ Body: { product_id: number; quantity: number } }>('/checkout', { schema: { body: basket } }, async ({ body }, reply) => {
    const { price_cents } = await catalog.call<Product>(`/products/${body.product_id}`)
    const order = await orders.call<Order>('/orders', { ...body, unit_price_cents: price_cents })
    return reply.code(201).send({ order_id: order.id, status: order.status, total_cents: price_cents * body.quantity })
  })
  return { http, port, host }
})
