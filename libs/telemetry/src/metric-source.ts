import type { Workload } from '@triage/runtime'
import type { ServiceMetrics } from './service-metrics.ts'

/** One look at a workload's metrics. */
export interface MetricSample {
  /** Epoch milliseconds; the end of the interval that the metrics are about. */
  at: number
  /** Null: could not be read, or the workload has none. */
  metrics: ServiceMetrics | null
}

export interface MetricSeries {
  /** By workload, oldest first. */
  samples: ReadonlyMap<string, readonly MetricSample[]>
  /** What whoever reads them should know of where they come from. */
  note?: string
}

/** Where the last minutes of workloads come from. */
export interface MetricSource {
  /** Called at intervals: keeps what a later `series` needs. Never throws: what cannot be read is a sample without metrics. */
  sample(workloads: readonly Workload[]): Promise<void>
  /** What is known now. Throws TriageError E_METRICS_SOURCE. */
  series(workloads: readonly Workload[]): Promise<MetricSeries>
}
