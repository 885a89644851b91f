import { stat } from 'node:fs/promises'
import { checkSchema } from '@triage/contracts'
import { until } from '@triage/runtime/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { LoadStats } from './lib/load-window.ts'
import type { Order } from './lib/order.ts'
import type { Product } from './lib/product.ts'
import type { OrdersConfig } from './orders.ts'
import { TestShop } from './test-shop.ts'

interface Receipt {
  order_id: number
  total_cents: number
}

const services = ['catalog', 'orders', 'fulfilment', 'storefront'] as const
let shop: TestShop

beforeAll(async () => {
  shop = await TestShop.start()
  await shop.ready()
})
afterAll(() => shop?.[Symbol.asyncDispose]())

const checkout = () => shop.post('storefront', '/checkout', { product_id: 3, quantity: 2 })
const errors = (name: (typeof services)[number]) => shop.log(name).filter((line) => line.level === 'error')
const restart = async (name: (typeof services)[number]) => {
  await shop.stop(name)
  shop.start(shop.spec(name))
  await shop.ready()
}
const read = async <T>(response: Response | Promise<Response>): Promise<T> => (await (await response).json()) as T
const order = (id: number) => read<Order>(shop.get('orders', `/orders/${id}`))
const fulfilled = (id: number) => until(`order ${id} fulfilled`, async () => (await order(id)).status === 'fulfilled')

test('a checkout becomes an order at the price of the catalogue, and is fulfilled', async () => {
  const product = await read<Product>(shop.get('storefront', '/products/3'))
  const response = await checkout()
  expect(response.status).toBe(201)
  const { order_id, total_cents } = await read<Receipt>(response)
  expect(total_cents).toBe(2 * product.price_cents)
  await fulfilled(order_id)
  expect(await order(order_id)).toMatchObject({ product_id: 3, quantity: 2, unit_price_cents: product.price_cents })
})

test('what a customer gets wrong is their error, not a failure', async () => {
  expect((await shop.get('storefront', '/')).status).toBe(200)
  expect((await shop.get('storefront', '/products/9999')).status).toBe(404)
  expect((await shop.get('storefront', '/products/first')).status).toBe(400)
  expect((await shop.post('storefront', '/checkout', { product_id: 3 })).status).toBe(400)
  expect(errors('storefront')).toEqual([])
})

test('metrics count the routes of the shop, not the probes', async () => {
  const storefront = await (await shop.get('storefront', '/metrics')).text()
  expect(storefront).toMatch(/http_requests_total\{method="POST",route="\/checkout",status="201"\} [1-9]/)
  expect(storefront).toMatch(/http_request_duration_seconds_bucket\{le="0.005",route="\/checkout"\} \d/)
  expect(storefront).toMatch(/process_cpu_seconds_total 0\.\d/)
  expect(storefront).toMatch(/process_resident_memory_bytes \d{8}/)
  expect(storefront).not.toMatch(/readyz|healthz|route="\/metrics"/)
  const fulfilment = await (await shop.get('fulfilment', '/metrics')).text()
  expect(fulfilment).toMatch(/messages_processed_total [1-9]/)
  expect(fulfilment).toMatch(/queue_lag 0/)
})

test('the manifest says what runs: order, probes that pass, settings that only their owner reads', async () => {
  const seen = new Set<string>()
  for (const spec of shop.specs) {
    expect(spec.depends_on.every((name) => seen.has(name))).toBe(true)
    seen.add(spec.name)
    for (const probe of spec.probes) {
      expect(checkSchema('inventory__probe', probe)).toBeNull()
      if (probe.kind === 'http') expect((await fetch(probe.url)).status).toBeLessThan(400)
    }
    if (spec.config_file) expect((await stat(spec.config_file)).mode & 0o777).toBe(0o600)
  }
})

test('orders wait in the queue while fulfilment is down', async () => {
  expect(await shop.stop('fulfilment')).toBe(0)
  const { order_id } = await read<Receipt>(checkout())
  shop.start(shop.spec('fulfilment'))
  await fulfilled(order_id)
})

test.each([
  ['not JSON', 'SyntaxError'],
  ['{"id":5}', 'TypeError']
])('a poisoned cache key fails its product until it is deleted: %s', async (value, error) => {
  const key = 'catalog:product:5'
  shop.redis('SET', key, value)
  expect((await shop.get('catalog', '/products/5')).status).toBe(500)
  expect((await shop.get('storefront', '/products/5')).status).toBe(502)
  expect((await shop.get('catalog', '/products/6')).status).toBe(200)
  expect(errors('catalog').at(-1)).toMatchObject({ meta: { key, error, status: 500 } })
  expect(errors('catalog').at(-1)!.msg).toContain(`GET /products/5 failed: ${error}: `)
  expect(errors('storefront').at(-1)).toMatchObject({ meta: { upstream: 'catalog', upstream_status: 500 } })
  shop.redis('DEL', key)
  expect((await shop.get('storefront', '/products/5')).status).toBe(200)
})

test('without its cache the catalogue reads from the database, and says so', async () => {
  await shop.stop('redis', 'SIGKILL')
  expect((await shop.get('catalog', '/products/7')).status).toBe(200)
  expect((await shop.get('catalog', '/readyz')).status).toBe(200)
  const warnings = await until('a warning', () => shop.log('catalog').filter((line) => line.msg.startsWith('the cache cannot be used')))
  expect(warnings.length).toBeGreaterThan(0)
  shop.start(shop.spec('redis'))
  await until('the cache used again', async () => {
    await shop.get('catalog', '/products/7')
    return shop.redis('EXISTS', 'catalog:product:7') === '1'
  })
})

test('a killed catalogue is a 502 of the storefront that names it', async () => {
  await shop.stop('catalog', 'SIGKILL')
  expect((await shop.get('storefront', '/products/3')).status).toBe(502)
  expect((await checkout()).status).toBe(502)
  expect(errors('storefront').at(-1)).toMatchObject({ meta: { upstream: 'catalog', error: 'ECONNREFUSED', status: 502 } })
  const readyz = await shop.get('storefront', '/readyz')
  expect(readyz.status).toBe(503)
  expect(await readyz.json()).toMatchObject({ ready: false, checks: { catalog: expect.stringContaining('ECONNREFUSED'), orders: 'ok' } })
  await restart('catalog')
  expect((await checkout()).status).toBe(201)
})

test('a hung catalogue is a 504', async () => {
  process.kill(shop.pid('catalog'), 'SIGSTOP')
  const response = await shop.get('storefront', '/products/3')
  process.kill(shop.pid('catalog'), 'SIGCONT')
  expect(response.status).toBe(504)
  expect(errors('storefront').at(-1)).toMatchObject({ meta: { upstream: 'catalog', error: 'TimeoutError', status: 504 } })
})

test('a wrong database host is a 503 of /readyz and the real error in the log', async () => {
  const config = await shop.config<OrdersConfig>('orders')
  await shop.configure('orders', { ...config, database: { ...config.database, host: 'no-such-host.invalid' } })
  await shop.stop('orders')
  shop.start(shop.spec('orders'))
  const readyz = await until('an answer', () => shop.get('orders', '/readyz'))
  expect(readyz.status).toBe(503)
  expect((await shop.get('orders', '/healthz')).status).toBe(200)
  expect((await checkout()).status).toBe(502)
  const failed = errors('orders').find((line) => line.msg.startsWith('POST /orders failed'))
  // Which of the two depends on whether the machine has a resolver that answers.
  expect(['ENOTFOUND', 'EAI_AGAIN']).toContain(failed?.meta?.error)
  expect(failed?.msg).toContain('no-such-host.invalid')
  await shop.configure('orders', config)
  await restart('orders')
  expect((await checkout()).status).toBe(201)
})

test('a database that comes back is used again without a restart', async () => {
  await shop.stop('postgres', 'SIGKILL')
  expect((await checkout()).status).toBe(502)
  expect(errors('orders').at(-1)).toMatchObject({ meta: { status: 500 } })
  shop.start(shop.spec('postgres'))
  await until('a checkout', async () => (await checkout()).ok)
})

test('a queue that comes back is used again without a restart', async () => {
  await shop.stop('queue', 'SIGKILL')
  expect((await checkout()).status).toBe(502)
  await until('orders not ready', async () => (await shop.get('orders', '/readyz')).status === 503)
  shop.start(shop.spec('queue'))
  const { order_id } = await until('a checkout', async () => {
    const response = await checkout()
    return response.ok && read<Receipt>(response)
  })
  await fulfilled(order_id)
})

test('a service with broken settings dies with a fatal line', async () => {
  const command = [...shop.spec('storefront').command.slice(0, -1), shop.spec('storefront').cwd]
  shop.start({ name: 'broken', command, env: {} })
  const line = await until('a fatal line', () => shop.lines.get('broken')!.at(-1))
  expect(JSON.parse(line)).toMatchObject({ level: 'fatal', service: 'storefront', meta: { error: 'EISDIR' } })
})

test('the load generator sees a healthy shop, and sees it fail', async () => {
  await shop.startLoad()
  const stats = () => read<LoadStats>(shop.get('loadgen', '/stats?window_s=2'))
  const healthy = await until('a window of load', async () => {
    const now = await stats()
    return now.requests >= 20 && now.errors === 0 && now
  })
  expect(healthy).toMatchObject({ window_s: 2, error_ratio: 0, last_error: null })
  expect(healthy.p95_ms).toBeGreaterThanOrEqual(healthy.p50_ms!)
  await shop.stop('catalog', 'SIGKILL')
  const failing = await until('only errors', async () => {
    const now = await stats()
    return now.error_ratio === 1 && now
  })
  expect(failing.last_error).toMatch(/: 502$/)
  await restart('catalog')
})

test('SIGTERM under load drains and exits 0', async () => {
  for (const name of ['storefront', 'catalog', 'orders', 'fulfilment'] as const) expect(await shop.stop(name)).toBe(0)
})

test('every line of every service fits the log-line schema and holds no password', async () => {
  for (const name of [...services, 'loadgen']) {
    const lines = shop.lines.get(name)!
    expect(lines.length).toBeGreaterThan(0)
    for (const line of lines) expect(checkSchema('log-line', JSON.parse(line)), line).toBeNull()
  }
  const { password } = (await shop.config<OrdersConfig>('orders')).database
  expect(password.length).toBeGreaterThan(20)
  expect([...shop.lines.values()].flat().join('\n')).not.toContain(password)
})
