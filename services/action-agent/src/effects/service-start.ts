import type { Workload } from '@triage/runtime'
import { type Effect, keyed, runsAnew } from './effect.ts'

/** With all the replicas that it should have, where it can have more than one. */
export const runs = ({ status, replicas }: Workload): boolean => status === 'running' && (!replicas || replicas.running >= replicas.desired)

export const serviceStart: Effect = {
  precondition: async (_, workload) =>
    runs(workload)
      ? `${workload.name} runs already`
      : workload.status === 'starting'
        ? `${workload.name} is started by the runtime again and again`
        : null,
  // Of several replicas some may run: to stop those would take back more than was done.
  undoData: async ({ runtime, request }) => (await runtime.inspect(request.task.target)).status,
  act: ({ runtime, request }) => runtime.start(request.task.target, keyed(request)),
  undo: async ({ runtime, request }, before) => {
    if (before !== 'running') await runtime.stop(request.task.target)
  },
  // What was paused goes on in the same run.
  tookPlace: async (context, snapshot) =>
    runs(await context.runtime.inspect(context.request.task.target)) ? 'yes' : runsAnew(context, snapshot)
}
