import { type Fault, services } from './fault.ts'
import { runs } from './runs.ts'

export const processHang: Fault = {
  description: 'the process hangs: its port is open and nothing answers',
  runtimes: ['process', 'docker'],
  targets: services,
  prepare: async ({ runtime, target }) => ({ run_id: (await runtime.inspect(target)).run_id }),
  apply: async ({ runtime, target }) => {
    // The first process of a container may be an init, which hangs for itself alone.
    if (runtime.kind === 'docker') await runtime.exec(target, ['freeze'])
    await runtime.kill(target, 'SIGSTOP')
  },
  undo: async ({ runtime, target }, { run_id }) => {
    if (!(await runs(runtime, target, run_id))) return
    await runtime.kill(target, 'SIGCONT')
    if (runtime.kind === 'docker') await runtime.exec(target, ['thaw'])
  }
}
