import type { Workload } from '@triage/runtime'
import { expect, test } from 'vitest'
import { disagreements } from './disagreements.ts'
import { ago, busy, failing, look, slow, stranger, workload } from './test-look.ts'

test('a world that is as it should be', () => {
  expect(disagreements(look())).toEqual([])
})

test('state, probes and telemetry disagree each on their own', () => {
  expect(disagreements(look({ workloads: [workload('orders', { status: 'exited' })] }))).toEqual(['orders is exited'])
  expect(disagreements(look({ workloads: [workload('orders', { status: 'absent' })] }))).toEqual(['orders is absent'])
  expect(disagreements(look({ failing: [failing('orders', { ok: false, failure: 'timeout' })] }))).toEqual([
    'probe ready of orders fails: timeout'
  ])
  expect(disagreements(look({ failing: [failing('orders', { ok: false, failure: 'status', http_status: 503 }, 1)] }))).toEqual([
    'probe ready of orders fails: status 503'
  ])
  expect(disagreements(look({ anomalies: [slow('orders')] }))).toEqual(['metric_anomaly of orders'])
})

test('containers disagree in more ways: paused, ending again and again, too few, off a network, not found healthy yet', () => {
  const at = (more: Partial<Workload>) => disagreements(look({ workloads: [workload('orders', more)] }))
  expect(at({ status: 'paused' })).toEqual(['orders is paused'])
  expect(at({ status: 'starting', restarts: 3, exit_signal: 'SIGKILL', oom_killed: true })).toEqual([
    'orders ends again and again for want of memory: it was started 3 times by the runtime'
  ])
  expect(at({ restarts: 2, started_at: ago(3) })).toEqual(['orders ends again and again: it was started 2 times by the runtime'])
  expect(at({ restarts: 2, started_at: ago(30) })).toEqual([])
  expect(at({ restarts: 1, started_at: ago(3) })).toEqual([])
  expect(at({ replicas: { desired: 3, running: 2 } })).toEqual(['orders runs 2 of 3 replicas'])
  expect(at({ lost_networks: ['shop_data'] })).toEqual(['orders is not on the network shop_data'])
  expect(at({ health: 'starting' })).toEqual(['orders has not been found healthy yet'])
  expect(disagreements(look({ workloads: [stranger('job', { lost_networks: ['shop_data'], restarts: 9, status: 'starting' })] }))).toEqual(
    []
  )
})

test('what a workload uses is no disagreement, nor is a workload that nobody declared', () => {
  expect(
    disagreements(look({ anomalies: [busy('orders')], workloads: [stranger('job', { status: 'exited' }), stranger('other')] }))
  ).toEqual([])
})

test('all that disagrees is told, state first', () => {
  const all = look({
    workloads: [workload('orders', { status: 'exited' }), workload('catalog')],
    failing: [failing('catalog', { ok: false, failure: 'refused' })],
    anomalies: [slow('storefront')]
  })
  expect(disagreements(all)).toEqual(['orders is exited', 'probe ready of catalog fails: refused', 'metric_anomaly of storefront'])
})
