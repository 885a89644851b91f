// For tests: what a service's metrics are on a calm day.
import type { MetricSample } from './metric-source.ts'
import type { ServiceMetrics } from './service-metrics.ts'

export const now = Date.parse('2025-11-21T05:00:00.000Z')
export const calm: ServiceMetrics = {
  requests: 15,
  request_rate: 15,
  error_ratio: 0,
  latency_ms: 20,
  queue_lag: 0,
  open_fds: 20,
  max_fds: 1024,
  restarted: false,
  moved: true
}

/** A sample a second for so many seconds, the last one now. `at` says what differs from a calm day, by how many seconds ago. */
export const seconds = (count: number, at: (ago: number) => Partial<ServiceMetrics> | null): MetricSample[] =>
  Array.from({ length: count }, (_, i) => {
    const ago = count - 1 - i
    const differs = at(ago)
    return { at: now - ago * 1000, metrics: differs && { ...calm, ...differs } }
  })
