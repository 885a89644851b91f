import { type Fault, services, stores } from './fault.ts'

export const containerPause: Fault = {
  description: 'the container is paused: connections to it open and nothing answers',
  runtimes: ['docker'],
  targets: [...services, ...stores],
  prepare: async () => ({}),
  apply: ({ runtime, target }) => runtime.pause(target),
  undo: async ({ runtime, target }) => {
    if ((await runtime.inspect(target)).status === 'paused') await runtime.unpause(target)
  }
}
