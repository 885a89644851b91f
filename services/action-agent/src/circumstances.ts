import { type ActionType, actions, type Mode, type TaskRequest, TriageError } from '@triage/contracts'
import type { PolicyContext } from '@triage/policy'
import type { Workload } from '@triage/runtime'
import { runProbe } from '@triage/telemetry'
import type { Ledger } from './ledger.ts'

/** What the operator has said of the environment. */
export interface Setting {
  mode: Mode
  environment: string
}

const modes: readonly string[] = ['observe', 'approve', 'auto'] satisfies Mode[]

/** Throws E_CONFIG. */
export function modeOf(text: string): Mode {
  if (!modes.includes(text)) throw new TriageError('E_CONFIG', `the mode must be ${modes.join(', ')}, not "${text}"`)
  return text as Mode
}

const hourMs = 3_600_000

/** Replicas of a workload that are healthy now: its own probes say so, asked now. This runtime has one of each. */
async function healthyReplicas({ status, probes }: Workload): Promise<number> {
  if (status !== 'running') return 0
  const results = await Promise.all(probes.map((probe) => runProbe(probe)))
  return results.every(({ ok }) => ok) ? 1 : 0
}

/** What a decision depends on, as the world is now. Of the request only what it wants is used, never what it says of the world. */
export async function circumstances(
  { task, idempotency_key }: TaskRequest,
  workload: Workload,
  ledger: Ledger,
  now: number
): Promise<Omit<PolicyContext, 'mode' | 'environment' | 'safe_mode' | 'approved'>> {
  const { risk, interrupts } = actions[task.type as ActionType]
  const [healthy, recent] = await Promise.all([healthyReplicas(workload), ledger.recent(now - hourMs, task.target, idempotency_key)])
  return {
    risk,
    replicas_healthy: healthy,
    replicas_left: interrupts ? Math.max(0, healthy - 1) : healthy,
    actions_last_hour: recent.begun,
    actions_last_hour_on_target: recent.begunOnTarget,
    blast_radius: recent.underWay + 1
  }
}
