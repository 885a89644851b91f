import { type Effect, keyed } from './effect.ts'

export const workloadStop: Effect = {
  precondition: async (_, workload) =>
    workload.managed
      ? `${workload.name} is declared by the environment`
      : workload.status === 'running'
        ? null
        : `${workload.name} does not run`,
  undoData: async () => '',
  act: ({ runtime, request }) => runtime.stop(request.task.target, keyed(request)),
  undo: ({ runtime, request }) => runtime.start(request.task.target),
  tookPlace: async ({ runtime, request }, snapshot) => {
    const { status, run_id } = await runtime.inspect(request.task.target)
    if (status !== 'running') return 'yes'
    return run_id === snapshot.run_id ? 'no' : 'unknown'
  }
}
