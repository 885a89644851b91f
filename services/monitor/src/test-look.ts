// For tests: one look at a small world, well but for what the test says.
import type { MetricAnomalyObservation, Probe, ResourceObservation } from '@triage/contracts'
import type { Workload } from '@triage/runtime'
import { workload as anyWorkload } from '@triage/runtime/testing'
import type { Failing } from './streak.ts'
import type { Look } from './world.ts'

export const now = Date.parse('2026-01-01T12:00:00.000Z')
export const ago = (seconds: number): string => new Date(now - seconds * 1000).toISOString()

export const workload = (name: string, more: Partial<Workload> = {}): Workload => anyWorkload(name, { started_at: ago(3600), ...more })
/** One that nobody declared. */
export const stranger = (name: string, more: Partial<Workload> = {}): Workload =>
  workload(name, { kind: 'unknown', managed: false, ...more })

const ready: Probe = { name: 'ready', kind: 'http', url: 'http://127.0.0.1:1/', timeout_ms: 100 }
export const failing = (service: string, result: Failing['result'], consecutive = 2): Failing => ({
  service,
  probe: ready,
  result,
  consecutive
})

const seen = (service: string, kind: string) => ({
  observation_id: `obs-mo-${kind.replace('_', '-')}-${service}`,
  service,
  at: ago(0),
  summary: `${kind} of ${service}`
})
export const slow = (service: string): MetricAnomalyObservation => ({
  ...seen(service, 'metric_anomaly'),
  kind: 'metric_anomaly',
  attributes: { metric: 'latency_ms', value: 900, baseline: 20, detector: 'robust_z' }
})
export const busy = (service: string): ResourceObservation => ({
  ...seen(service, 'resource'),
  kind: 'resource',
  attributes: { resource: 'cpu_load', value: 2, baseline: 0.1, managed: true }
})

export const look = (more: Partial<Look> = {}): Look => ({
  startedAt: now - 10,
  at: now,
  workloads: [workload('catalog'), workload('orders')],
  failing: [],
  anomalies: [],
  ...more
})
