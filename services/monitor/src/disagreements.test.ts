import { expect, test } from 'vitest'
import { disagreements } from './disagreements.ts'
import { busy, failing, look, slow, stranger, workload } from './test-look.ts'

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
