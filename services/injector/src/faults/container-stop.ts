import { type Fault, services, stores } from './fault.ts'

export const containerStop: Fault = {
  description: 'the container was stopped',
  runtimes: ['docker'],
  targets: [...services, ...stores],
  prepare: async () => ({}),
  apply: ({ runtime, target }) => runtime.stop(target),
  undo: ({ runtime, target }) => runtime.start(target)
}
