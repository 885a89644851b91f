import type { Workload } from '@triage/runtime'

/** One that was started again less than this ago, and not for the first time, may end again at any moment. */
const settledMs = 15_000

/** Whether the runtime starts it again and again because it ends again and again. */
export const endsAgainAndAgain = ({ status, restarts = 0, started_at }: Workload, at: number): boolean =>
  status === 'starting' || (restarts >= 2 && started_at !== undefined && at - Date.parse(started_at) < settledMs)

/** Replicas that should run and do not, where a workload can be more than one. */
export const missingReplicas = ({ replicas }: Workload): number => (replicas ? Math.max(0, replicas.desired - replicas.running) : 0)

/** How a declared workload's state differs from the desired one, in words that follow its name; null when it does not. */
export function shortfall(workload: Workload, at: number): string | null {
  const { managed, status, exit_code, exit_signal, oom_killed, restarts, replicas } = workload
  if (!managed) return null
  const end = oom_killed
    ? ' for want of memory'
    : exit_signal
      ? ` after ${exit_signal}`
      : exit_code === undefined
        ? ''
        : ` with code ${exit_code}`
  if (endsAgainAndAgain(workload, at)) return `ends again and again${end}: it was started ${restarts ?? 1} times by the runtime`
  if (status !== 'running') return `is ${status}${end}`
  return missingReplicas(workload) > 0 ? `runs ${replicas!.running} of ${replicas!.desired} replicas` : null
}
