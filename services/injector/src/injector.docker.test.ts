// Every fault on real containers, through the filtering proxy: it hurts, and after it is undone the world is as it was.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { until } from '@triage/bus/testing'
import { singleKey, Vault } from '@triage/keyring'
import type { RuntimeInjector, Workload } from '@triage/runtime'
import { buildNetadminImage, docker, image, netadminImage, TestProject } from '@triage/runtime/docker/testing'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { faults } from './faults/catalogue.ts'
import { Injector } from './injector.ts'
import { type Entry, Journal } from './journal.ts'

/** One with which the edge from the storefront is the one to the catalogue. */
const seed = 1
const silent = { info: () => {}, error: () => {} }
const code = (value: string) => expect.objectContaining({ code: value })

/** Answers `ok` when its upstream does, else 503 and why; nothing is kept from one request to the next. */
const server = (ask: string) => `
  const { connect } = require('node:net')
  require('node:http').createServer((request, response) => {
    const { hostname, port } = new URL(process.env.UPSTREAM_URL)
    const socket = connect(port, hostname, () => socket.write(${JSON.stringify(ask)}))
    socket.setTimeout(3000, () => socket.destroy(new Error('silence')))
    socket.once('data', () => { response.end('ok'); socket.destroy() })
    socket.on('error', (error) => { response.statusCode = 503; response.end(error.code ?? error.message) })
  }).listen(8080)`

const node = { image, init: true, stop_grace_period: '1s', restart: 'unless-stopped', mem_limit: '192m', cpus: 0.5 }
const redis = { image: 'redis:8', command: ['redis-server', '--save', ''], networks: ['data'] }
const catalog = {
  ...node,
  command: ['node', '-e', server('PING\r\n')],
  environment: { UPSTREAM_URL: 'redis://redis:6379' },
  depends_on: ['redis'],
  networks: ['shop', 'data']
}
const get = 'GET / HTTP/1.0\r\n\r\n'
const storefront = {
  ...node,
  command: ['node', '-e', server(get)],
  environment: { UPSTREAM_URL: 'http://catalog:8080' },
  depends_on: ['catalog'],
  networks: ['shop', 'edge']
}

let project: TestProject
let runtime: RuntimeInjector
let journalPath: string
const vault = new Vault(singleKey(Buffer.alloc(32, 1)), 'injections')

/** The injector, or its next life: on the same journal. */
const life = (through = runtime): Injector => new Injector(through, new Journal(journalPath, vault), silent, netadminImage)
function journal(): Entry[] {
  try {
    return JSON.parse(vault.open(readFileSync(journalPath, 'utf8'))) as Entry[]
  } catch {
    return []
  }
}

beforeAll(async () => {
  await buildNetadminImage()
  project = await TestProject.start({ redis, catalog, storefront }, {}, { shop: {}, data: {}, edge: {} })
  runtime = project.as('injector')
  journalPath = join(project.folder.path, 'journal')
  await until('the shop', async () => (await asked('storefront')) === 'ok')
}, 300_000)
afterAll(async () => {
  await life()
    .undoAll()
    .catch(() => {})
  await project?.[Symbol.asyncDispose]()
})

/** What a service answers within 2 s: a text, `silence`, or `refused` when it has no port. */
async function asked(name: string): Promise<string> {
  const [id] = await project.ids(name)
  const address = '{{range .NetworkSettings.Networks}}{{.IPAddress}} {{end}}'
  const [ip] = (await docker('inspect', '--format', address, id!)).trim().split(' ')
  if (!ip) return 'refused'
  return fetch(`http://${ip}:8080/`, { signal: AbortSignal.timeout(2000) }).then(
    (response) => response.text(),
    (error: Error) => (error.name === 'TimeoutError' ? 'silence' : 'refused')
  )
}

/** All that a fault could leave behind, but for runs and when they began. */
async function world(): Promise<object[]> {
  const same = ({ run_id: _, pid: __, started_at: ___, config_changed_at: ____, probes: _____, ...rest }: Workload) => rest
  return (await runtime.list()).map(same)
}

const status = async (name: string) => (await runtime.inspect(name)).status
const undeclared = async () => (await runtime.list()).filter(({ managed }) => !managed)
const late = async (name: string) => {
  const from = performance.now()
  return (await asked(name)) === 'ok' && performance.now() - from > 600
}

interface Case {
  fault: string
  target: string
  hurts: () => Promise<boolean>
  /** What somebody does about it who may repair. */
  repair: (writer: RuntimeInjector) => Promise<unknown>
}
const start: Case['repair'] = (writer) => writer.start('catalog')
const restart: Case['repair'] = (writer) => writer.restart('catalog')
const restore: Case['repair'] = async (writer) => writer.setConfig('catalog', (await writer.getConfig('catalog')).baseline!.text)
const stopUndeclared: Case['repair'] = async (writer) => writer.stop((await undeclared())[0]!.name)
const cases: Case[] = [
  { fault: 'process_kill', target: 'catalog', hurts: async () => (await status('catalog')) === 'exited', repair: start },
  { fault: 'process_hang', target: 'catalog', hurts: async () => (await asked('catalog')) === 'silence', repair: restart },
  {
    fault: 'cache_poison',
    target: 'redis',
    hurts: async () => (await runtime.exec('redis', ['redis-cli', 'EXISTS', 'catalog:product:1'])).stdout.trim() === '1',
    repair: (writer) => writer.exec('redis', ['redis-cli', 'DEL', 'catalog:product:1'])
  },
  {
    fault: 'cpu_hog',
    target: 'catalog',
    hurts: async () => (await undeclared()).some((each) => each.status === 'running'),
    repair: stopUndeclared
  },
  { fault: 'container_stop', target: 'catalog', hurts: async () => (await status('catalog')) === 'exited', repair: start },
  { fault: 'container_pause', target: 'catalog', hurts: async () => (await status('catalog')) === 'paused', repair: start },
  {
    fault: 'container_cpu_hog',
    target: 'catalog',
    hurts: async () => (await runtime.stats()).some(({ name, cpu_load }) => name === 'catalog' && cpu_load > 0.4),
    repair: restart
  },
  { fault: 'memory_limit', target: 'catalog', hurts: async () => (await status('catalog')) !== 'running', repair: restore },
  {
    fault: 'network_disconnect',
    target: 'catalog',
    hurts: async () => (await asked('catalog')) === 'ENOTFOUND',
    repair: (writer) => writer.attachNetwork('catalog', 'data')
  },
  { fault: 'edge_latency', target: 'storefront', hurts: () => late('storefront'), repair: stopUndeclared },
  { fault: 'edge_reset', target: 'storefront', hurts: async () => (await asked('storefront')) === 'ECONNRESET', repair: stopUndeclared },
  { fault: 'edge_blackhole', target: 'storefront', hurts: async () => (await asked('storefront')) === 'silence', repair: stopUndeclared },
  {
    fault: 'packet_drop',
    target: 'storefront',
    hurts: async () => (await asked('storefront')) === 'silence',
    repair: (writer) => writer.restart('storefront')
  },
  { fault: 'env_drift', target: 'catalog', hurts: async () => (await asked('catalog')) === 'ENOTFOUND', repair: restore },
  { fault: 'wrong_command', target: 'catalog', hurts: async () => (await status('catalog')) !== 'running', repair: restore },
  { fault: 'scale_to_zero', target: 'catalog', hurts: async () => (await status('catalog')) === 'exited', repair: start }
]

test('every fault of containers is tried', () => {
  const ofContainers = Object.keys(faults).filter((name) => faults[name]!.runtimes.includes('docker'))
  expect(cases.map(({ fault }) => fault).toSorted()).toEqual(ofContainers.toSorted())
})

let before: object[]
afterEach(() => life().undoAll())
beforeEach(async () => {
  await until('the shop', async () => (await asked('storefront')) === 'ok', 30_000)
  before = await world()
})
const asItWas = async () => {
  await until('the shop', async () => (await asked('storefront')) === 'ok', 30_000)
  expect(await world()).toEqual(before)
  expect(journal()).toEqual([])
}

test.each(cases)('$fault hurts, and undoing it leaves the world as it was', async ({ fault, target, hurts }) => {
  const injector = life()
  expect(await hurts()).toBe(false)
  const entry = await injector.inject({ command: 'inject', fault, target, seed })
  await until('the hurt', hurts, 30_000)
  expect(journal()).toEqual([entry])
  // Nothing that agents are told says what it is.
  const told = await project.as('reader').list()
  expect(JSON.stringify(told)).not.toMatch(/toxi|netadmin|iptables|latency|timeout"|reset_peer|hog|fault|inject/)
  expect(told.filter(({ managed }) => !managed).length).toBeLessThanOrEqual(1)
  await injector.undo(entry)
  await asItWas()
  await faults[fault]!.undo({ runtime, target, netadminImage }, entry.undo)
  await asItWas()
})

/** The calls that change the world. */
const effects: (keyof RuntimeInjector)[] = [
  ...(['start', 'stop', 'restart', 'kill', 'exec', 'setConfig', 'scale', 'attachNetwork', 'detachNetwork'] as const),
  ...(['launch', 'remove', 'pause', 'unpause', 'runInNetwork'] as const)
]

/** The runtime as somebody sees it who dies at the first thing that he changes: before it takes place, or after. */
function dying(when: 'before' | 'after'): RuntimeInjector {
  let alive = true
  return new Proxy(runtime, {
    get: (_, name: keyof RuntimeInjector) => {
      const act = runtime[name] as (...args: unknown[]) => unknown
      if (typeof act !== 'function' || (alive && !effects.includes(name))) return act
      return async (...args: unknown[]) => {
        if (alive && when === 'after') await act(...args)
        alive = false
        throw new Error('killed here')
      }
    }
  })
}

const deaths = cases.flatMap((one) => (['before', 'after'] as const).map((when) => ({ ...one, when })))
test.each(deaths)('$fault is undone at the next start when the injector died right $when it', async ({ fault, target, hurts, when }) => {
  await expect(life(dying(when)).inject({ command: 'inject', fault, target, seed })).rejects.toEqual(code('E_FAULT_FAILED'))
  expect(journal()).toMatchObject([{ fault, target }])
  if (when === 'after') await until('the hurt', hurts, 30_000)
  await life().undoAll()
  await asItWas()
})

test.each(cases)('what was repaired after $fault is left alone when it is undone', async ({ fault, target, hurts, repair }) => {
  const injector = life()
  const entry = await injector.inject({ command: 'inject', fault, target, seed })
  await until('the hurt', hurts, 30_000)
  await repair(project.as('writer'))
  await until('the cure', async () => (await asked('storefront')) === 'ok' && !(await hurts()), 30_000)
  const runs = async () => (await runtime.list()).filter(({ managed }) => managed).map(({ name, run_id }) => [name, run_id])
  const repaired = await runs()
  await injector.undo(entry)
  expect(await runs()).toEqual(repaired)
  await asItWas()
})

const fates = ['container_pause', 'env_drift', 'packet_drop', 'edge_blackhole', 'network_disconnect'].flatMap((fault) => [
  { fault, fate: 'removed', command: ['rm', '--stop', '--force'] },
  { fault, fate: 'made anew', command: ['up', '--detach', '--force-recreate', '--no-deps'] }
])
test.each(fates)('$fault is undone when its target was $fate meanwhile', async ({ fault, command }) => {
  const { target, hurts } = cases.find((one) => one.fault === fault)!
  const injector = life()
  const entry = await injector.inject({ command: 'inject', fault, target, seed })
  await until('the hurt', hurts, 30_000)
  await project.compose(...command, target)
  await injector.undo(entry)
  await project.compose('up', '--detach')
  await asItWas()
})

test('an edge to what does not run is refused: there is nothing to disturb', async () => {
  await project.compose('stop', '--timeout', '0', 'catalog')
  await expect(life().inject({ command: 'inject', fault: 'edge_latency', target: 'storefront', seed })).rejects.toEqual(
    code('E_FAULT_FAILED')
  )
  expect(journal()).toEqual([])
  await project.compose('up', '--detach')
  await asItWas()
})

test('a fault of processes is refused, and so is what is not part of the shop', async () => {
  await expect(life().inject({ command: 'inject', fault: 'db_conn_drift' })).rejects.toEqual(code('E_FAULT_UNKNOWN'))
  for (const target of ['nats', 'prometheus', 'loadgen', 'gateway'])
    await expect(life().inject({ command: 'inject', fault: 'container_stop', target })).rejects.toEqual(code('E_FAULT_UNKNOWN'))
  await asItWas()
})
