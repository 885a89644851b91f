import { type Fault, services, stores } from './fault.ts'
import { runs } from './runs.ts'

const endMs = 5_000

export const processKill: Fault = {
  description: 'the process is killed and stays down',
  runtimes: ['process', 'docker'],
  targets: [...services, ...stores],
  prepare: async ({ runtime, target }) => ({ run_id: (await runtime.inspect(target)).run_id }),
  apply: async ({ runtime, target }, { run_id }) => {
    await runtime.kill(target, 'SIGKILL')
    // Until it has ended undoing would find it running, and leave it to die.
    const deadline = performance.now() + endMs
    while ((await runs(runtime, target, run_id)) && performance.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 20))
  },
  undo: ({ runtime, target }) => runtime.start(target)
}
