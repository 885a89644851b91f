import { checkSchema } from '@triage/contracts'
import type { ConfigDiff, RuntimeReader } from '@triage/runtime'
import { expect, test } from 'vitest'
import { observe } from './observe.ts'
import { ago, failing, look, stranger, workload } from './test-look.ts'
import { type Look, World } from './world.ts'

const hash = 'a'.repeat(64)
const baseline_hash = 'b'.repeat(64)

/** What is observed at a look, when configurations that drifted differ in `paths`. Every observation fits the contract. */
async function at(seen: Look, paths: string[] = []) {
  const configDiff = async (): Promise<ConfigDiff> => ({ hash, baseline_hash, paths })
  const observations = await observe(seen, new World({ configDiff } as unknown as RuntimeReader), 'obs-mo-r0')
  for (const observation of observations)
    expect([observation.kind, checkSchema('observation', observation)]).toEqual([observation.kind, null])
  expect(new Set(observations.map(({ observation_id }) => observation_id)).size).toBe(observations.length)
  return observations
}

test('nothing is seen in a world that is well and has not changed', async () => {
  expect(await at(look())).toEqual([])
})

test('a declared workload that does not run is seen with how it ended; one that nobody declared is not missed', async () => {
  const workloads = [
    workload('orders', { status: 'exited', exit_signal: 'SIGKILL' }),
    workload('catalog', { status: 'exited', exit_code: 3 }),
    workload('queue', { status: 'absent', started_at: undefined }),
    stranger('job', { status: 'exited', exit_code: 0 })
  ]
  expect(await at(look({ workloads }))).toMatchObject([
    { kind: 'state', service: 'orders', attributes: { status: 'exited', desired: 'running', exit_signal: 'SIGKILL' } },
    { kind: 'state', service: 'catalog', attributes: { status: 'exited', exit_code: 3 } },
    { kind: 'state', service: 'queue', attributes: { status: 'absent' } }
  ])
})

test('a probe that fails is seen with how, and how often', async () => {
  const [timeout, status] = await at(
    look({
      failing: [
        failing('orders', { ok: false, failure: 'timeout' }, 4),
        failing('catalog', { ok: false, failure: 'status', http_status: 503 })
      ]
    })
  )
  expect(timeout).toMatchObject({
    kind: 'probe_failure',
    service: 'orders',
    attributes: { probe: 'ready', failure: 'timeout', consecutive: 4 }
  })
  expect(timeout!.attributes).not.toHaveProperty('http_status')
  expect(status).toMatchObject({ service: 'catalog', attributes: { failure: 'status', http_status: 503 } })
})

test('a configuration that differs from the good one is seen by its keys; without a good one there is no drift', async () => {
  const drifted = workload('orders', { config_hash: hash, baseline_config_hash: baseline_hash })
  const same = workload('catalog', { config_hash: hash, baseline_config_hash: hash })
  const unknown = workload('storefront', { config_hash: hash })
  const removed = workload('queue', { status: 'absent', baseline_config_hash: hash })
  expect(
    (await at(look({ workloads: [drifted, same, unknown, removed] }), ['database.host'])).filter(({ kind }) => kind !== 'state')
  ).toMatchObject([{ kind: 'config_drift', service: 'orders', attributes: { hash, baseline_hash, paths: ['database.host'] } }])
})

test('a configuration that differs in very many, very long keys is still told within bounds', async () => {
  const drifted = workload('orders', { config_hash: hash, baseline_config_hash: baseline_hash })
  const [drift] = await at(
    look({ workloads: [drifted] }),
    Array.from({ length: 100 }, (_, i) => `${i}${'x'.repeat(500)}`)
  )
  expect(drift).toMatchObject({ kind: 'config_drift', service: 'orders' })
})

test('what changed within ten minutes is seen: a start, a configuration, a workload that appeared', async () => {
  const workloads = [
    workload('orders', { started_at: ago(12), config_changed_at: ago(14) }),
    workload('catalog', { started_at: ago(601), config_changed_at: ago(601) }),
    stranger('job', { started_at: ago(30) })
  ]
  expect(await at(look({ workloads }))).toMatchObject([
    { kind: 'change', service: 'orders', attributes: { change: 'started', seconds_ago: 12 } },
    { kind: 'change', service: 'orders', attributes: { change: 'config', seconds_ago: 14 } },
    {
      kind: 'change',
      service: 'job',
      attributes: { change: 'appeared', seconds_ago: 30 },
      summary: 'job, which nobody declared, appeared 30 s ago'
    }
  ])
})

test('of containers it is seen how they end, what they lost, how many are missing, and beside whom a stranger sits, however long', async () => {
  const workloads = [
    workload('orders', { status: 'starting', exit_signal: 'SIGKILL', oom_killed: true, restarts: 4, replicas: { desired: 1, running: 0 } }),
    workload('catalog', { lost_networks: ['shop_data', 'shop_shop'] }),
    stranger('job', { started_at: ago(7200), beside: 'catalog' }),
    stranger('other', { status: 'exited', exit_code: 0, beside: 'catalog' })
  ]
  expect((await at(look({ workloads }))).map(({ kind, service, attributes }) => ({ kind, service, attributes }))).toEqual([
    {
      kind: 'state',
      service: 'orders',
      attributes: { status: 'starting', desired: 'running', exit_signal: 'SIGKILL', oom_killed: true, restarts: 4, replicas_missing: 1 }
    },
    { kind: 'network', service: 'catalog', attributes: { network: 'shop_data' } },
    { kind: 'network', service: 'catalog', attributes: { network: 'shop_shop' } },
    { kind: 'change', service: 'job', attributes: { change: 'appeared', seconds_ago: 7200, beside: 'catalog' } }
  ])
})

test('what is wrong comes before what merely changed', async () => {
  const workloads = [
    workload('orders', { status: 'exited', exit_code: 1, started_at: ago(5), config_hash: hash, baseline_config_hash: baseline_hash })
  ]
  const seen = await at(look({ workloads, failing: [failing('orders', { ok: false, failure: 'refused' })] }), ['a'])
  expect(seen.map(({ kind }) => kind)).toEqual(['state', 'probe_failure', 'config_drift', 'change'])
})
