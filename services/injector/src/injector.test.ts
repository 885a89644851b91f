import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { until } from '@triage/bus/testing'
import { singleKey, Vault } from '@triage/keyring'
import type { RuntimeInjector } from '@triage/runtime'
import { node, spec, type TestRuntime, tempFolder, testRuntime } from '@triage/runtime/testing'
import { expect, test } from 'vitest'
import { Injector } from './injector.ts'
import { type Entry, Journal } from './journal.ts'

const allRunning = ['catalog running', 'orders running', 'storefront running']
const silent = { info: () => {}, error: () => {} }
const byHost = { by: 'host' } as const
const good = JSON.stringify({ database: { host: '127.0.0.1', port: 5432 } })
const code = (value: string) => expect.objectContaining({ code: value })

interface Stage extends AsyncDisposable {
  world: TestRuntime
  runtime: RuntimeInjector
  /** The injector, or its next life: on the same journal. */
  injector(runtime?: RuntimeInjector): Injector
  /** What the journal's file says. */
  journal(): Entry[]
}

async function setStage(): Promise<Stage> {
  const folder = tempFolder()
  const forever = node('setInterval(() => {}, 1000)')
  const world = await testRuntime((data) => {
    const config_file = join(data, 'orders.json')
    writeFileSync(config_file, good)
    return [
      spec('catalog', forever, { grace_ms: 200 }),
      spec('orders', forever, { config_file }),
      spec('storefront', forever, { grace_ms: 200 })
    ]
  })
  const path = join(folder.path, 'journal')
  const vault = new Vault(singleKey(Buffer.alloc(32, 1)), 'injections')
  const lives: Injector[] = []
  return {
    world,
    runtime: world.as('injector'),
    injector: (runtime = world.as('injector')) => {
      const life = new Injector(runtime, new Journal(path, vault), silent)
      lives.push(life)
      return life
    },
    journal: () => {
      try {
        return JSON.parse(vault.open(readFileSync(path, 'utf8'))) as Entry[]
      } catch {
        return []
      }
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all(lives.map((life) => life.undoAll().catch(() => {})))
      await world[Symbol.asyncDispose]()
      folder[Symbol.dispose]()
    }
  }
}

/** The calls that change the world. */
const effects: (keyof RuntimeInjector)[] = ['start', 'stop', 'restart', 'kill', 'exec', 'setConfig', 'launch', 'remove']

const isStopped = (pid: number | undefined): boolean =>
  execFileSync('ps', ['-o', 'state=', '-p', String(pid)], { encoding: 'utf8' })
    .trim()
    .startsWith('T')
const job = ({ host }: TestRuntime) => host.list().find(({ managed }) => !managed)

interface Case {
  fault: string
  target: string
  /** Whether the world is hurt now. */
  hurts: (world: TestRuntime) => boolean
}
const cases: Case[] = [
  { fault: 'process_kill', target: 'catalog', hurts: ({ host }) => host.inspect('catalog').status !== 'running' },
  { fault: 'process_hang', target: 'catalog', hurts: ({ host }) => isStopped(host.inspect('catalog').pid) },
  { fault: 'db_conn_drift', target: 'orders', hurts: ({ host }) => host.getConfig('orders').text !== good },
  { fault: 'cpu_hog', target: 'catalog', hurts: (world) => job(world) !== undefined }
]

test.each(cases)('$fault hurts its usual target, and undoing it leaves the world as it was', async ({ fault, target, hurts }) => {
  await using stage = await setStage()
  const injector = stage.injector()
  expect(hurts(stage.world)).toBe(false)
  const entry = await injector.inject({ command: 'inject', fault })
  expect(entry).toMatchObject({ fault, target })
  await until('the hurt', () => hurts(stage.world))
  expect(injector.injections).toEqual([entry])
  await injector.undo(entry)
  await until('the world as it was', () => !hurts(stage.world))
  expect(stage.world.host.list().map(({ name, status }) => `${name} ${status}`)).toEqual([
    'catalog running',
    'orders running',
    'storefront running'
  ])
  expect([injector.injections, stage.journal()]).toEqual([[], []])
})

test.each(cases)('$fault is in the journal before anything is done', async ({ fault }) => {
  await using stage = await setStage()
  const atEachEffect: Entry[][] = []
  const watched = new Proxy(stage.runtime, {
    get: (runtime, name: keyof RuntimeInjector) => {
      if (effects.includes(name)) atEachEffect.push(stage.journal())
      return runtime[name]
    }
  })
  const entry = await stage.injector(watched).inject({ command: 'inject', fault })
  expect(atEachEffect.length).toBeGreaterThan(0)
  for (const journal of atEachEffect) expect(journal).toEqual([entry])
})

/** The runtime as somebody sees it who dies at the first thing that he changes: before it takes place, or after. */
function dying(runtime: RuntimeInjector, when: 'before' | 'after'): RuntimeInjector {
  let alive = true
  const call = async (name: keyof RuntimeInjector, args: unknown[]): Promise<unknown> => {
    const act = () => (runtime[name] as (...args: unknown[]) => Promise<unknown>)(...args)
    if (alive && !effects.includes(name)) return act()
    if (alive && when === 'after') await act()
    alive = false
    throw new Error('killed here')
  }
  return new Proxy(runtime, {
    get: (_, name: keyof RuntimeInjector) => (name === 'kind' ? runtime.kind : (...args: unknown[]) => call(name, args))
  })
}

const deaths = cases.flatMap((one) => (['before', 'after'] as const).map((when) => ({ ...one, when })))
test.each(deaths)('$fault is undone at the next start when the injector died right $when it', async ({ fault, hurts, when }) => {
  await using stage = await setStage()
  await expect(stage.injector(dying(stage.runtime, when)).inject({ command: 'inject', fault })).rejects.toEqual(code('E_FAULT_FAILED'))
  expect(stage.journal()).toMatchObject([{ fault }])
  if (when === 'after') await until('the hurt', () => hurts(stage.world))
  await stage.injector().undoAll()
  await until('the world as it was', () => !hurts(stage.world))
  expect(stage.journal()).toEqual([])
  expect(stage.world.host.list().map(({ name, status }) => `${name} ${status}`)).toEqual(allRunning)
})

test('a fault that is undone at once is undone', async () => {
  await using stage = await setStage()
  const injector = stage.injector()
  const { run_id } = stage.world.host.inspect('catalog')
  await injector.undo(await injector.inject({ command: 'inject', fault: 'process_kill' }))
  expect(stage.world.host.inspect('catalog')).toMatchObject({ status: 'running', run_id: expect.not.stringMatching(run_id) })
})

test('a fault that fails to be applied is taken back at once', async () => {
  await using stage = await setStage()
  let failures = 1
  const failing: RuntimeInjector = {
    ...stage.runtime,
    restart: (name) => (failures-- > 0 ? Promise.reject(new Error('no')) : stage.runtime.restart(name))
  }
  await expect(stage.injector(failing).inject({ command: 'inject', fault: 'db_conn_drift' })).rejects.toEqual(code('E_FAULT_FAILED'))
  expect([stage.world.host.getConfig('orders').text, stage.journal()]).toEqual([good, []])
})

test('what somebody repaired is left alone when it is undone', async () => {
  await using stage = await setStage()
  const injector = stage.injector()
  const [hang, drift] = [
    await injector.inject({ command: 'inject', fault: 'process_hang' }),
    await injector.inject({ command: 'inject', fault: 'db_conn_drift' })
  ]
  await stage.world.host.restart('catalog', byHost)
  const repaired = '{"database":{"host":"repaired"}}'
  await stage.world.host.setConfig('orders', repaired, byHost)
  const before = stage.world.ops().length
  await injector.undo(hang)
  await injector.undo(drift)
  expect(stage.world.ops().slice(before)).toEqual([])
  expect(stage.world.host.getConfig('orders').text).toBe(repaired)
})

test('a lease ends by itself', async () => {
  await using stage = await setStage()
  const injector = stage.injector()
  await injector.inject({ command: 'inject', fault: 'process_kill', lease_s: 0.1 })
  await until('the end of the lease', () => injector.injections.length === 0 && stage.world.host.inspect('catalog').status === 'running')
})

test('a fault or target that is not known is refused and nothing is done', async () => {
  await using stage = await setStage()
  const injector = stage.injector()
  const before = stage.world.ops().length
  for (const fault of ['no_such_fault', 'container_stop', 'constructor', '__proto__', undefined])
    await expect(injector.inject({ command: 'inject', fault })).rejects.toEqual(code('E_FAULT_UNKNOWN'))
  await expect(injector.inject({ command: 'inject', fault: 'db_conn_drift', target: 'catalog' })).rejects.toEqual(code('E_FAULT_UNKNOWN'))
  expect([stage.world.ops().slice(before), stage.journal()]).toEqual([[], []])
})

test('two faults on one target are refused, one after the other or at once; on two targets they are not', async () => {
  await using stage = await setStage()
  const injector = stage.injector()
  const drifts = await Promise.allSettled([1, 2].map((seed) => injector.inject({ command: 'inject', fault: 'db_conn_drift', seed })))
  expect(drifts.filter(({ status }) => status === 'rejected')).toMatchObject([{ reason: { code: 'E_FAULT_OVERLAP' } }])
  await expect(injector.inject({ command: 'inject', fault: 'process_kill', target: 'orders' })).rejects.toEqual(code('E_FAULT_OVERLAP'))
  await injector.inject({ command: 'inject', fault: 'process_kill', target: 'catalog' })
  expect(injector.injections.map(({ target }) => target)).toEqual(['orders', 'catalog'])
  await injector.undoAll()
  expect(stage.world.host.getConfig('orders').text).toBe(good)
})

test('one fault that cannot be undone does not keep the others in force', async () => {
  await using stage = await setStage()
  let lost = ''
  const inspect: RuntimeInjector['inspect'] = (name) => (name === lost ? Promise.reject(new Error('lost')) : stage.runtime.inspect(name))
  const injector = stage.injector({ ...stage.runtime, inspect })
  await injector.inject({ command: 'inject', fault: 'process_kill', target: 'catalog' })
  await injector.inject({ command: 'inject', fault: 'process_hang', target: 'storefront' })
  lost = 'storefront'
  await expect(injector.undoAll()).rejects.toThrow('lost')
  expect(stage.world.host.inspect('catalog').status).toBe('running')
  expect(stage.journal()).toMatchObject([{ fault: 'process_hang', target: 'storefront' }])
  lost = ''
})

test('the same seed makes the same choices, another one others', async () => {
  await using stage = await setStage()
  const injector = stage.injector()
  const bad = async (seed: number) => {
    const entry = await injector.inject({ command: 'inject', fault: 'db_conn_drift', seed })
    await injector.undo(entry)
    return entry.undo.bad
  }
  const first = [await bad(1), await bad(1)]
  expect(first[0]).toBe(first[1])
  const others = new Set([await bad(2), await bad(3), await bad(4), await bad(5)])
  expect([...others].some((other) => other !== first[0])).toBe(true)
})
