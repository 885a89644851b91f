import type { Fault } from './fault.ts'

const endMs = 5_000

export const processKill: Fault = {
  description: 'the process is killed and stays down',
  targets: ['catalog', 'orders', 'storefront', 'fulfilment', 'redis', 'queue', 'postgres'],
  prepare: async ({ runtime, target }) => ({ run_id: (await runtime.inspect(target)).run_id }),
  apply: async ({ runtime, target }, { run_id }) => {
    await runtime.kill(target, 'SIGKILL')
    // Until it has ended undoing would find it running, and leave it to die.
    const deadline = performance.now() + endMs
    for (;;) {
      const now = await runtime.inspect(target)
      if (now.status !== 'running' || now.run_id !== run_id || performance.now() > deadline) return
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  },
  undo: ({ runtime, target }) => runtime.start(target)
}
