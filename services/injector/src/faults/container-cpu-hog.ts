import { type Fault, services } from './fault.ts'
import { runs } from './runs.ts'

export const containerCpuHog: Fault = {
  description: 'busy processes in the container take its share of the processor from the service',
  runtimes: ['docker'],
  targets: services,
  prepare: async ({ runtime, target }) => ({ run_id: (await runtime.inspect(target)).run_id }),
  apply: async ({ runtime, target }) => void (await runtime.exec(target, ['keep-busy'])),
  undo: async ({ runtime, target }, { run_id }) => {
    if (await runs(runtime, target, run_id)) await runtime.restart(target)
  }
}
