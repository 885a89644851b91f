import { once } from 'node:events'
import { freePort } from '@triage/ports'
import { expect, test } from 'vitest'
import { metricsText, serveHealth } from './health.ts'

test('health follows the process, and what it refused is there for Prometheus', async () => {
  const port = await freePort()
  let healthy = false
  const counts = new Map([
    ['E_MESSAGE_MAC', 3],
    ['E_MESSAGE_REPLAYED', 1]
  ] as const)
  const server = serveHealth(
    port,
    () => healthy,
    () => metricsText('planner', { counts })
  )!
  await once(server, 'listening')
  const get = (path: string) => fetch(`http://127.0.0.1:${port}${path}`)
  expect((await get('/healthz')).status).toBe(503)
  healthy = true
  expect((await get('/healthz')).status).toBe(200)
  expect((await (await get('/metrics')).text()).split('\n')).toEqual([
    '# HELP triage_refused_messages_total Messages that were refused since the start.',
    '# TYPE triage_refused_messages_total counter',
    'triage_refused_messages_total{role="planner",code="E_MESSAGE_MAC"} 3',
    'triage_refused_messages_total{role="planner",code="E_MESSAGE_REPLAYED"} 1',
    ''
  ])
  server.closeAllConnections()
  server.close()
})

test('no port, no server', () => {
  expect(
    serveHealth(
      0,
      () => true,
      () => ''
    )
  ).toBeNull()
})
