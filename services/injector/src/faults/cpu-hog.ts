import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import type { RuntimeInjector } from '@triage/runtime'
import type { Fault } from './fault.ts'
import { jobName } from './job-name.ts'

/** Busy processes for each processor: what is left is less than the shop needs, so that its queues grow, whatever the scheduler. */
const perProcessor = 10
/** Containers share by their weight, however many processes are in them: this one weighs as much as 64. */
const cpu_shares = 65_536

/** As text: there is no such file in another container. */
const program = readFileSync(join(import.meta.dirname, '../hog.ts'), 'utf8')

const commandFor = ({ kind }: RuntimeInjector): string[] => [
  kind === 'process' ? process.execPath : 'node',
  ...['--input-type=module-typescript', '--eval', program, String(availableParallelism() * perProcessor)]
]

export const cpuHog: Fault = {
  description: 'a job that nobody declared takes the processor from the service beside it',
  runtimes: ['process', 'docker'],
  targets: ['catalog', 'orders', 'storefront'],
  prepare: async ({ pick }) => ({ job: jobName(pick) }),
  apply: async ({ runtime, target }, { job }) => {
    const spec = { name: job!, kind: 'worker', cwd: '/', env: {}, log_format: 'text' } as const
    const weight = runtime.kind === 'docker' && { cpu_shares }
    await runtime.launch({ ...spec, ...weight, command: commandFor(runtime), depends_on: [], probes: [] }, target)
  },
  undo: ({ runtime }, { job }) => runtime.remove(job!)
}
