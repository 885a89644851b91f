import { until } from '@triage/bus/testing'
import { expect, test } from 'vitest'
import { bench } from '../shared.ts'

/** Healthy; what runs once has done its work. */
const isWell = (state: string): boolean => /^((setup|provision|baseline|netadmin|webhook-token) exited|\S+ running healthy)$/.test(state)

test('all containers become healthy in order, and users are served', async () => {
  const states = await bench.project.states()
  expect(states.filter((state) => !isWell(state))).toEqual([])
  expect(states.length).toBeGreaterThan(25)
  console.log(`up to healthy: ${bench.upMs} ms`)
  const served = await until('users to be served', async () => {
    const now = await bench.stats()
    return now.requests >= 50 && now.errors === 0 ? now : null
  })
  expect(served.p95_ms).toBeLessThan(1000)
})

test('starting is no incident', async () => {
  expect(await bench.session.stories()).toEqual(new Map())
})

test('every process of the swarm is heard, and it sees the shop and nothing of its own', async () => {
  const status = JSON.parse(await bench.triage('status', '--json'))
  expect(status.swarm.filter(({ heartbeat }: { heartbeat: { ready: boolean } | null }) => !heartbeat?.ready)).toEqual([])
  const names = status.workloads.map(({ name }: { name: string }) => name).sort()
  expect(names).toEqual(['catalog', 'fulfilment', 'orders', 'postgres', 'queue', 'redis', 'storefront'])
})

test('the last known good state is known to who looks, and what repairs with it to nobody else', async () => {
  const inside = (service: string, path: string) => bench.project.compose('exec', '--no-TTY', service, 'cat', path)
  const { services } = JSON.parse(await inside('monitor', '/run/baseline/fingerprints.json'))
  expect(Object.keys(services)).toHaveLength(7)
  expect(await inside('action-agent', '/run/baseline/private/configurations.json')).toContain('postgres://shop:')
  await expect(inside('monitor', '/run/baseline/private/configurations.json')).rejects.toThrow(/No such file/)
})
