// The mini-cloud and its observability in containers, with a gateway and a bus: users are served; each fault is told by a real
// Prometheus through a real Alertmanager, and so is its end; and nothing is left behind.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Bus, connectNats } from '@triage/bus'
import { createNkeys, provision, seedPath, serverConfig, type User } from '@triage/bus/server'
import { makeAuthority, makeCertificate, until } from '@triage/bus/testing'
import type { Alert } from '@triage/contracts'
import { type Fact, firing, fold, type IncidentState, initialState } from '@triage/incident'
import { createKeyFile } from '@triage/keyring'
import type { LoadStats } from '@triage/minicloud'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { buildImage, ComposeProject, requireDocker } from './compose-project.ts'

const folder = await mkdtemp(join(tmpdir(), 'triage-docker-'))
const files = ['compose/minicloud.yaml', 'compose/observability.yaml', 'test/docker/gateway.yaml']
const user = `${process.getuid!()}:${process.getgid!()}`
const project = new ComposeProject(`triage-test-${process.pid}`, files, { TRIAGE_TEST_KEYS: folder, TRIAGE_TEST_USER: user })
const instances = { gateway: ['1'] }
const connectAs = async (user: User) =>
  connectNats({
    url: `tls://${await project.address('nats', 4222)}`,
    user,
    nkey: seedPath(join(folder, 'nkeys'), user),
    tls: { ca: join(folder, 'ca.pem') }
  })
let bus: Bus
let upMs: number

beforeAll(async () => {
  await requireDocker()
  await buildImage()
  createKeyFile(join(folder, 'keys.json'))
  await makeAuthority(folder)
  await makeCertificate(folder, 'server', { names: 'IP:127.0.0.1,DNS:nats' })
  const tls = { cert: '/run/keys/server.pem', key: '/run/keys/server.key' }
  const config = serverConfig({ listen: '0.0.0.0:4222', store: '/data', keys: createNkeys(join(folder, 'nkeys')), instances, tls })
  await writeFile(join(folder, 'nats.json'), JSON.stringify(config))
  await project.compose('up', '--detach', 'nats')
  const provisioner = await connectAs('provisioner')
  await provision(provisioner.connection, instances)
  await provisioner.close()
  bus = await connectAs('operator')
  const started = performance.now()
  await project.compose('up', '--detach', '--wait', '--wait-timeout', '60')
  upMs = Math.round(performance.now() - started)
}, 400_000)

afterAll(async () => {
  await bus?.close()
  await project[Symbol.asyncDispose]()
  await rm(folder, { recursive: true, force: true })
}, 60_000)

/** Healthy, or without a check of its own; the maker of the token has done its work. */
const isWell = (state: string): boolean => /^(webhook-token exited|nats running|\S+ running healthy)$/.test(state)

const stats = async (): Promise<LoadStats> =>
  (await (await fetch(`http://${await project.address('loadgen', 8080)}/stats?window_s=5`)).json()) as LoadStats

/** Every incident, folded from what is on record. */
async function incidents(): Promise<IncidentState[]> {
  const states = new Map<string, IncidentState>()
  for await (const stored of bus.history('INCIDENTS')) {
    const { envelope, payload } = JSON.parse(new TextDecoder().decode(stored.body))
    const fact: Fact = { ...envelope, at: stored.at, payload }
    states.set(fact.incident_id, fold(states.get(fact.incident_id) ?? initialState(fact.incident_id), fact))
  }
  return [...states.values()]
}
const alerts = async (): Promise<Alert[]> => (await incidents()).flatMap((state) => Object.values(state.alerts))

test('all containers become healthy in order, and users are served', async () => {
  expect((await project.states()).filter((state) => !isWell(state))).toEqual([])
  console.log(`up to healthy: ${upMs} ms`)
  const served = await until('users to be served', async () => {
    const now = await stats()
    return now.requests >= 50 && now.errors === 0 ? now : null
  })
  expect(served.p95_ms).toBeLessThan(1000)
})

const faults = [
  { name: 'catalog is killed', fault: 'kill', service: 'catalog', undo: 'start', told: /^(TargetDown of catalog)$/ },
  { name: 'orders hangs', fault: 'pause', service: 'orders', undo: 'unpause', told: /^(TargetDown of orders)$/ },
  { name: 'the cache is killed', fault: 'kill', service: 'redis', undo: 'start', told: /^(DependencyDown of catalog)$/ },
  {
    name: 'the database is killed',
    fault: 'kill',
    service: 'postgres',
    undo: 'start',
    told: /^(DependencyDown|HighErrorRatio) of orders$/
  },
  { name: 'the queue is killed', fault: 'kill', service: 'queue', undo: 'start', told: /^(DependencyDown|HighErrorRatio) of orders$/ }
]

test.each(faults)('$name: it is told within 15 s, and so is its end', async ({ name, fault, service, undo, told }) => {
  const began = performance.now()
  await project.compose(fault, service)
  const alert = await until('the alert', async () =>
    (await alerts()).find((one) => one.status === 'firing' && told.test(`${one.name} of ${one.service}`))
  )
  const toldMs = Math.round(performance.now() - began)
  await project.compose(undo, service)
  const back = performance.now()
  await until('every alert to be resolved', async () => (await incidents()).every((state) => firing(state.alerts).length === 0), 60_000)
  console.log(`${name}: ${alert.name} told after ${toldMs} ms; resolved ${Math.round(performance.now() - back)} ms after the repair`)
  expect(toldMs).toBeLessThan(15_000)
  expect(await incidents()).toHaveLength(1)
})

test('SIGTERM drains a service', async () => {
  await project.compose('stop', '--timeout', '5', 'storefront', 'gateway')
  const ended = await project.compose('ps', '--all', '--format', '{{.Service}} {{.ExitCode}}', 'storefront', 'gateway')
  expect(ended.split('\n').sort()).toEqual(['gateway 0', 'storefront 0'])
})

test('down leaves nothing', async () => {
  expect((await project.remains()).length).toBeGreaterThan(10)
  await project[Symbol.asyncDispose]()
  expect(await project.remains()).toEqual([])
})
