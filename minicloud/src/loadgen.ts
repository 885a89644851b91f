// loadgen: customers. An open loop: requests leave at their time, however slow the shop is, as real customers would.
import { uniformInt } from 'pure-rand/distribution/uniformInt'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'
import { type Listen, readConfig } from './lib/config.ts'
import { number, text } from './lib/environment.ts'
import { errorText } from './lib/error-text.ts'
import { httpServer } from './lib/http-server.ts'
import { LoadWindow } from './lib/load-window.ts'
import { productCount } from './lib/product.ts'
import { run } from './lib/service.ts'

export interface LoadgenConfig extends Listen {
  /** The storefront. */
  target: string
  seed: number
  rate_per_s: number
  /** A request that would be one more than this is not sent and counts as an error. */
  max_in_flight: number
}

const timeoutMs = 3000
/** One request in this many is a checkout, the others look at a product. */
const checkoutEvery = 4

await run('loadgen', (log) => {
  const config = readConfig<LoadgenConfig>({
    target: text('TARGET_URL'),
    seed: number('SEED', 1),
    rate_per_s: number('RATE_PER_S', 15),
    max_in_flight: number('MAX_IN_FLIGHT', 100)
  })
  const window = new LoadWindow()
  const stop = generate(config, window)
  const http = httpServer(log, {})
  const query = { type: 'object', properties: { window_s: { type: 'number', exclusiveMinimum: 0, maximum: 600, default: 3 } } }
  http.get<{ Querystring: { window_s: number } }>('/stats', { schema: { querystring: query } }, async (request) =>
    window.stats(request.query.window_s, performance.now())
  )
  return { http, port: config.port, host: config.host, stop: async () => stop() }
})

/** Starts the load; returns what ends it. */
function generate({ target, seed, rate_per_s, max_in_flight }: LoadgenConfig, window: LoadWindow): () => void {
  const random = xoroshiro128plus(seed)
  const started = performance.now()
  let sent = 0
  let inFlight = 0
  let timer: NodeJS.Timeout

  const send = async () => {
    const at = performance.now()
    // Drawn even when it cannot be sent, so that a slow shop does not change what is asked of it later.
    const request = draw(random)
    if (inFlight >= max_in_flight) return window.add({ at, ms: 0, error: 'overload' })
    inFlight++
    const error = await ask(target, request)
    inFlight--
    const now = performance.now()
    window.add({ at: now, ms: Math.round(now - at), error })
  }
  // The due time counts from the start, so that a late timer does not lower the rate.
  const schedule = () => {
    const due = started + (++sent * 1000) / rate_per_s
    timer = setTimeout(
      () => {
        void send()
        schedule()
      },
      Math.max(0, due - performance.now())
    )
  }
  schedule()
  return () => clearTimeout(timer)
}

interface LoadRequest {
  method: 'GET' | 'POST'
  path: string
  /** JSON; null for a GET. */
  body: string | null
}

/** Few products are what most people ask for: the first gets about a fifth of all requests, the last a fortieth. */
function popularProduct(random: ReturnType<typeof xoroshiro128plus>): number {
  const share = uniformInt(random, 0, 9999) / 10_000
  return 1 + Math.floor(productCount * share * share)
}

function draw(random: ReturnType<typeof xoroshiro128plus>): LoadRequest {
  const product_id = popularProduct(random)
  if (uniformInt(random, 1, checkoutEvery) > 1) return { method: 'GET', path: `/products/${product_id}`, body: null }
  return { method: 'POST', path: '/checkout', body: JSON.stringify({ product_id, quantity: uniformInt(random, 1, 3) }) }
}

/** Null when the shop answered well in time, else what went wrong. */
async function ask(target: string, { method, path, body }: LoadRequest): Promise<string | null> {
  try {
    const headers = body === null ? {} : { 'content-type': 'application/json' }
    const response = await fetch(target + path, { method, headers, body, signal: AbortSignal.timeout(timeoutMs) })
    await response.arrayBuffer()
    return response.ok ? null : `${method} ${path}: ${response.status}`
  } catch (error) {
    return `${method} ${path}: ${errorText(error)}`
  }
}
