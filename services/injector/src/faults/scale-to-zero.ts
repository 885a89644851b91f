import { type Fault, services } from './fault.ts'

export const scaleToZero: Fault = {
  description: 'the service was scaled to zero',
  runtimes: ['docker'],
  targets: services,
  prepare: async ({ runtime, target }) => ({ replicas: String((await runtime.inspect(target)).replicas?.running ?? 1) }),
  apply: ({ runtime, target }) => runtime.scale(target, 0),
  undo: async ({ runtime, target }, { replicas }) => {
    const running = (await runtime.inspect(target)).replicas?.running ?? 0
    if (running < Number(replicas)) await runtime.scale(target, Number(replicas))
  }
}
