// For tests of who only reads what a runtime says.
import type { Workload } from './workload.ts'

/** A declared service that runs and needs nothing. */
export const workload = (name: string, more: Partial<Workload> = {}): Workload => ({
  name,
  kind: 'service',
  managed: true,
  status: 'running',
  run_id: `${name}-1`,
  depends_on: [],
  probes: [],
  log_format: 'json',
  ...more
})
