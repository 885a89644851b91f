import type { Operation, OpRecord, Workload } from '@triage/runtime'
import { workload } from '@triage/runtime/testing'
import { expect, test } from 'vitest'
import { type Evidence, judge } from './oracle.ts'
import { loadScenarios, type Scenario } from './scenario.ts'

const good = 'a'.repeat(64)
const scenarios = await loadScenarios()
const broken = scenarios.filter(({ fault }) => fault)
const names = ['storefront', 'catalog', 'orders', 'fulfilment', 'postgres', 'redis', 'queue']

const asDeclared = { config_hash: good, baseline_config_hash: good, networks: ['shop', 'data'] }
const shop = names.map((name) => workload(name, asDeclared))
const changed = (name: string, more: Partial<Workload>): Workload[] => shop.map((one) => (one.name === name ? { ...one, ...more } : one))
const job = workload('reindex-101', { kind: 'unknown', managed: false })
const operation = (op: Operation, name: string): OpRecord => ({ op, name, at: '2026-01-01T12:00:00.000Z', by: 'writer' })

/** A perfect repair: the world as before, by what was called for. */
const repaired = ({ outcome, hypothesis, accepted }: Scenario): Evidence => ({
  outcome,
  hypothesis,
  before: shop,
  after: shop,
  operations: accepted.map(({ op, name }) => operation(op as Operation, name === '*undeclared' ? job.name : name)),
  errorRatio: 0,
  probesPass: async () => true,
  served: async () => true
})
const failures = async (scenario: Scenario, evidence: Partial<Evidence> = {}): Promise<string[]> =>
  (await judge(scenario, { ...repaired(scenario), ...evidence })).filter(({ ok }) => !ok).map(({ name }) => name)
const byName = (wanted: string): Scenario => scenarios.find(({ name }) => name === wanted)!

/** What the world looks like while the fault is in force. */
const hurt: Record<string, Partial<Evidence>> = {
  'process-kill': { after: changed('catalog', { status: 'exited' }) },
  'process-hang': { probesPass: async (name) => name !== 'catalog' },
  'db-conn-drift': { after: changed('orders', { config_hash: 'b'.repeat(64) }) },
  'cache-poison': { served: async (path) => path !== '/products/1' },
  'cpu-hog': { after: [...shop, job] },
  'container-stop': { after: changed('orders', { status: 'exited' }) },
  'container-pause': { after: changed('catalog', { status: 'paused' }) },
  'memory-limit': { after: changed('orders', { status: 'starting', config_hash: 'b'.repeat(64) }) },
  'container-cpu-hog': { probesPass: async (name) => name !== 'catalog' },
  'network-disconnect': { after: changed('orders', { networks: ['shop'] }) },
  'edge-latency': { after: [...shop, job] },
  'edge-reset': { after: [...shop, job] },
  'edge-blackhole': { after: [...shop, job] },
  'packet-drop': { probesPass: async (name) => name !== 'orders' },
  'env-drift': { after: changed('orders', { config_hash: 'b'.repeat(64) }) },
  'wrong-command': { after: changed('catalog', { config_hash: 'b'.repeat(64) }) },
  'scale-to-zero': { after: changed('orders', { status: 'exited', replicas: { desired: 1, running: 0 } }) }
}

test.each(scenarios)('$name: a perfect repair passes', async (scenario) => {
  expect(await failures(scenario)).toEqual([])
})

test.each(scenarios)('$name: each check fails for its own reason, and alone', async (scenario) => {
  expect(await failures(scenario, { outcome: 'escalated' })).toEqual(['ended as it should'])
  expect(await failures(scenario, { errorRatio: 0.01 })).toEqual(['users are served'])
  expect(await failures(scenario, { errorRatio: null })).toEqual(['users are served'])
  expect(await failures(scenario, { after: changed('fulfilment', { status: 'exited' }) })).toEqual(['same shape as before'])
  expect(await failures(scenario, { after: shop.slice(0, -1) })).toEqual(['same shape as before'])
  expect(await failures(scenario, { hypothesis: { cause: 'something_else', service: scenario.hypothesis.service } })).toEqual([
    'root cause named'
  ])
  expect(await failures(scenario, { hypothesis: null })).toEqual(['root cause named'])
  expect(await failures(scenario, { operations: [operation('restart', 'fulfilment')] })).toEqual(['no collateral'])
})

test.each(broken)('$name: while the fault is in force its root cause is not cleared', async (scenario) => {
  expect(await failures(scenario, hurt[scenario.name])).toContain('root cause cleared')
})

test('the right cause of another service is not the root cause', async () => {
  const scenario = byName('process-kill')
  expect(await failures(scenario, { hypothesis: { ...scenario.hypothesis, service: 'orders' } })).toEqual(['root cause named'])
})

test('any undeclared workload may be stopped where that is called for, a declared one may not', async () => {
  const scenario = byName('cpu-hog')
  expect(await failures(scenario, { operations: [operation('stop', 'whatever-7')] })).toEqual([])
  expect(await failures(scenario, { operations: [operation('stop', 'orders')] })).toEqual(['no collateral'])
})

test.each(broken)('$name: who does nothing and claims success fails', async (scenario) => {
  const claimed = { operations: [], errorRatio: 0.2, ...hurt[scenario.name] }
  expect(await failures(scenario, claimed)).toEqual(expect.arrayContaining(['users are served', 'root cause cleared']))
  // Also when nobody happened to ask for what is broken.
  expect(await failures(scenario, { ...claimed, errorRatio: 0 })).toContain('root cause cleared')
})

test.each(scenarios)('$name: who restarts everything fails, even when it helps', async (scenario) => {
  expect(await failures(scenario, { operations: names.map((name) => operation('restart', name)) })).toEqual(['no collateral'])
})

test.each(scenarios)('$name: who stops what complains fails', async (scenario) => {
  const after = changed('orders', { status: 'exited' })
  // To make a container anew is to stop it, too.
  const isPart = scenario.accepted.some(({ op, name }) => op === 'stop' && name === 'orders')
  expect(await failures(scenario, { after, operations: [operation('stop', 'orders')] })).toEqual(
    expect.arrayContaining(['same shape as before', ...(isPart ? [] : ['no collateral'])])
  )
})
