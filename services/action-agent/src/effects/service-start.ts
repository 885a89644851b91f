import { type Effect, keyed, runsAnew } from './effect.ts'

export const serviceStart: Effect = {
  precondition: async (_, workload) => (workload.status === 'running' ? `${workload.name} runs already` : null),
  undoData: async () => '',
  act: ({ runtime, request }) => runtime.start(request.task.target, keyed(request)),
  undo: ({ runtime, request }) => runtime.stop(request.task.target),
  tookPlace: runsAnew
}
