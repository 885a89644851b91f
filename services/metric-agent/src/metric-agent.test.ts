import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TaskRequest } from '@triage/contracts'
import type { RuntimeReader } from '@triage/runtime'
import { Fallback, type MetricSource, Prometheus, Scrapes, Vitals } from '@triage/telemetry'
import { expect, test } from 'vitest'
import { MetricAgent } from './metric-agent.ts'

const log = { warn: () => {} }
const query = { plan_version: 1, task: { task_id: 'metrics', type: 'metrics.query', target: 'orders', args: {} } } as unknown as TaskRequest

/** A real service that has answered ten requests more each time it is asked, one of them wrongly, and an agent that looks at it. */
async function looking(source: MetricSource): Promise<{ agent: MetricAgent } & AsyncDisposable> {
  let looks = 0
  const http = createServer((_, reply) => {
    looks++
    reply.end(`http_requests_total{status="200"} ${9 * looks}\nhttp_requests_total{status="500"} ${looks}\n`)
  })
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  const metrics_url = `http://127.0.0.1:${(http.address() as AddressInfo).port}/metrics`
  const runtime = {
    list: async () => [{ name: 'orders', managed: true, status: 'running', metrics_url }],
    stats: async () => []
  } as unknown as RuntimeReader
  return {
    agent: new MetricAgent(runtime, new Vitals(runtime, source, { withUsage: true }), log),
    async [Symbol.asyncDispose]() {
      http.closeAllConnections()
      await new Promise((resolve) => http.close(resolve))
    }
  }
}

test('a query tells what is wrong', async () => {
  await using world = await looking(new Scrapes())
  await world.agent.observe('obs-ma-r0')
  await world.agent.observe('obs-ma-r0')
  const { summary, observations } = await world.agent.carryOut(query)
  expect(summary).toBe('orders: error_ratio of orders is 0.1, before: 0')
  expect(observations).toHaveLength(1)
})

test('without its Prometheus it scrapes by itself, and says so', async () => {
  const prometheus = new Prometheus({ url: 'http://127.0.0.1:1', label: 'service', stepMs: 1000 })
  await using world = await looking(new Fallback(prometheus, new Scrapes(), log))
  const [seen] = await world.agent.observe('obs-ma-r0')
  expect(seen?.summary).toMatch(
    /^error_ratio of orders is 0.1, before: 0 \(scraped by ourselves: Prometheus cannot be read: .*ECONNREFUSED/
  )
})
