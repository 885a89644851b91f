import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import type { Fault } from './fault.ts'

/** Busy processes for each processor: what is left is less than the shop needs, so that its queues grow, whatever the scheduler. */
const perProcessor = 10

/** Names that a batch job could have: they tell nothing. */
const jobs = ['report-export', 'thumbnailer', 'log-shipper', 'reindex']

export const cpuHog: Fault = {
  description: 'a job that nobody declared takes the processor from the service beside it',
  targets: ['catalog', 'orders', 'storefront'],
  prepare: async ({ pick }) => ({ job: `${jobs[pick(jobs.length)]}-${pick(900) + 100}` }),
  apply: async ({ runtime, target }, { job }) => {
    const command = [process.execPath, join(import.meta.dirname, '../hog.ts'), String(availableParallelism() * perProcessor)]
    await runtime.launch({ name: job!, kind: 'worker', command, cwd: '/', env: {}, depends_on: [], probes: [], log_format: 'text' }, target)
  },
  undo: ({ runtime }, { job }) => runtime.remove(job!)
}
