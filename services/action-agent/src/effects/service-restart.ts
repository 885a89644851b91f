import { type Effect, keyed, runsAnew } from './effect.ts'

export const serviceRestart: Effect = {
  precondition: async (_, workload) => (workload.status === 'running' ? null : `${workload.name} does not run: it is ${workload.status}`),
  undoData: async () => null,
  act: ({ runtime, request }) => runtime.restart(request.task.target, keyed(request)),
  undo: null,
  tookPlace: runsAnew
}
