import type { Fault } from './fault.ts'

export const processHang: Fault = {
  description: 'the process hangs: its port is open and nothing answers',
  targets: ['catalog', 'orders', 'storefront', 'fulfilment'],
  prepare: async ({ runtime, target }) => ({ run_id: (await runtime.inspect(target)).run_id }),
  apply: ({ runtime, target }) => runtime.kill(target, 'SIGSTOP'),
  undo: async ({ runtime, target }, { run_id }) => {
    if ((await runtime.inspect(target)).run_id === run_id) await runtime.kill(target, 'SIGCONT')
  }
}
