import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { RuntimeReader, Workload } from '@triage/runtime'
import { expect, onTestFinished, test } from 'vitest'
import { workload } from './test-look.ts'
import { World } from './world.ts'

test('what does not run is not asked, and what it would not answer is known', async () => {
  const asked: string[] = []
  const server = createServer(({ url = '' }, response) => {
    asked.push(url)
    response.end()
  }).listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await once(server, 'listening')
  const here = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const one = (name: string, status: Workload['status']): Workload =>
    workload(name, {
      status,
      probes: [{ name: 'alive', kind: 'http', url: `${here}/${name}`, timeout_ms: 1000 }],
      metrics_url: `${here}/${name}/metrics`
    })
  const workloads = [one('web', 'running'), one('orders', 'exited'), one('mailer', 'paused')]
  const { failing } = await new World({ list: async () => workloads } as unknown as RuntimeReader).look()
  expect(asked.toSorted()).toEqual(['/web', '/web/metrics'])
  expect(failing.map(({ service, result }) => `${service} ${result.failure}`)).toEqual(['orders refused', 'mailer timeout'])
})
