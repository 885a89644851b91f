// A Prometheus that is down, slow, wrong or too talkative: bounded, a clear error, and our own scrapes in its place.
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Workload } from '@triage/runtime'
import { workload } from '@triage/runtime/testing'
import { expect, test } from 'vitest'
import { Fallback } from './fallback.ts'
import { Prometheus } from './prometheus.ts'
import { Scrapes } from './scrapes.ts'

async function serve(listener: RequestListener): Promise<{ url: string } & AsyncDisposable> {
  const http = createServer(listener)
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      http.closeAllConnections()
      await new Promise((resolve) => http.close(resolve))
    }
  }
}
const prometheus = (url: string, timeoutMs = 30_000): Prometheus => new Prometheus({ url, label: 'service', stepMs: 1000, timeoutMs })
const measured = (metrics_url: string): Workload => workload('orders', { metrics_url })
const error = (code: string, message: RegExp) => expect.objectContaining({ code, message: expect.stringMatching(message) })

test.each<[string, RequestListener]>([
  ['is slow', () => {}],
  ['stops in the middle', (_, reply) => void reply.write('{"status":')]
])('a Prometheus that %s', async (_, listener) => {
  await using server = await serve(listener)
  const asked = prometheus(server.url, 300).series([measured('')])
  await expect(asked).rejects.toEqual(error('E_METRICS_SOURCE', /no answer within 300 ms/))
})

test.each<[string, RequestListener, RegExp]>([
  ['fails', (_, reply) => void reply.writeHead(503).end('{}'), /answers 503/],
  ['answers a page', (_, reply) => void reply.end('<html>'), /not valid JSON/],
  ['answers something else', (_, reply) => void reply.end('{"status":"success","data":null}'), /cannot be read/],
  ['answers for ever', (_, reply) => void reply.write(`"${'x'.repeat(10 * 1024 ** 2)}`), /more than 8388608 bytes/]
])('a Prometheus that %s', async (_, listener, message) => {
  await using server = await serve(listener)
  await expect(prometheus(server.url).series([measured('')])).rejects.toEqual(error('E_METRICS_SOURCE', message))
})

test('nobody there, and settings that cannot be', async () => {
  await expect(prometheus('http://127.0.0.1:1').series([])).rejects.toEqual(error('E_METRICS_SOURCE', /ECONNREFUSED/))
  for (const url of ['not a url', 'https://x', 'file:///x'])
    expect(() => prometheus(url)).toThrow(error('E_CONFIG', /TRIAGE_PROMETHEUS_URL/))
  expect(() => new Prometheus({ url: 'http://x', label: 'a b', stepMs: 1000 })).toThrow(error('E_CONFIG', /TRIAGE_PROMETHEUS_LABEL/))
  expect(() => new Prometheus({ url: 'http://x', label: 'job', stepMs: 0 })).toThrow(error('E_CONFIG', /TRIAGE_PROMETHEUS_STEP_MS/))
})

test('what it asks: one range query with the bounds that were set, for the workloads alone', async () => {
  const asked: string[] = []
  await using server = await serve(async (request, reply) => {
    asked.push(`${request.method} ${request.url}`)
    for await (const chunk of request) asked.push(String(chunk))
    reply.end('{"status":"success","data":{"resultType":"matrix","result":[]}}')
  })
  expect(await prometheus(`${server.url}/prom/`).series([measured('')])).toEqual({ samples: new Map() })
  expect(asked[0]).toBe('POST /prom/api/v1/query_range')
  const form = new URLSearchParams(asked[1])
  expect(form.get('query')).toContain('service=~"orders"')
  expect(Number(form.get('end')) - Number(form.get('start'))).toBe(900)
  expect(form.get('step')).toBe('1')
})

test('an instance that is away for a while stands where it stood; one that only `up` is known of was looked at in vain', async () => {
  const series = (name: string, instance: string, values: [number, string][]) => ({
    metric: { __name__: name, service: 'orders', instance, ...(name === 'http_requests_total' && { status: '200' }) },
    values
  })
  const up = (instance: string) =>
    series(
      'up',
      instance,
      [1, 2, 3, 4].map((at): [number, string] => [at, '1'])
    )
  const a = series('http_requests_total', 'a', [
    [1, '10'],
    [2, '20'],
    [4, '40']
  ])
  const b = series('http_requests_total', 'b', [
    [1, '500'],
    [2, '505']
  ])
  await using server = await serve((_, reply) => void reply.end(JSON.stringify({ data: { result: [up('a'), up('b'), a, b] } })))
  const { samples } = await prometheus(server.url).series([measured('')])
  expect(samples.get('orders')!.map(({ at, metrics }) => [at, metrics?.requests])).toEqual([
    [1000, undefined],
    [2000, 15],
    [3000, undefined],
    [4000, 20]
  ])
})

test('while it is away the workloads are scraped, with a note; when it is back it is asked again', async () => {
  let back = false
  let count = 0
  await using server = await serve((request, reply) => {
    if (request.url === '/metrics') {
      count += 10
      return void reply.end(`http_requests_total{status="200"} ${count}\n`)
    }
    if (!back) return void reply.writeHead(500).end()
    reply.end('{"data":{"result":[]}}')
  })
  const warnings: object[] = []
  const source = new Fallback(prometheus(server.url), new Scrapes(), { warn: (fields) => warnings.push(fields) })
  const workloads = [measured(`${server.url}/metrics`)]
  await source.sample(workloads)
  expect(count).toBe(0)
  const { samples, note } = await source.series(workloads)
  expect(note).toMatch(/^scraped by ourselves: Prometheus cannot be read: it answers 500/)
  expect(samples.get('orders')!.at(-1)!.metrics).toMatchObject({ requests: 10 })
  expect(warnings).toEqual([expect.objectContaining({ code: 'E_METRICS_SOURCE' })])
  await source.sample(workloads)
  expect(count).toBe(30)
  back = true
  expect(await source.series(workloads)).toEqual({ samples: new Map() })
  await source.sample(workloads)
  expect(count).toBe(30)
})
