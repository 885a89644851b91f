import type { Snapshot, TaskRequest } from '@triage/contracts'
import type { EffectOptions, RuntimeWriter, Workload } from '@triage/runtime'

export interface EffectContext {
  runtime: RuntimeWriter
  request: TaskRequest
  /** What `undoData` read before anything was done; null when undoing needs nothing, absent before. */
  before?: string | null
}

/** One type of the action catalogue that changes the world. */
export interface Effect {
  /** What stands against doing it, in a sentence; null when it may be done. */
  precondition(context: EffectContext, workload: Workload): Promise<string | null>
  /** What undoing it needs, read before it is done; null when nothing is needed. */
  undoData(context: EffectContext): Promise<string | null>
  act(context: EffectContext): Promise<void>
  /** Takes it back; null when it cannot be taken back. */
  undo: ((context: EffectContext, data: string) => Promise<void>) | null
  /** Whether it was done since the snapshot was taken, told from the world alone. */
  tookPlace(context: EffectContext, snapshot: Snapshot): Promise<'yes' | 'no' | 'unknown'>
}

/** The runtime keeps the key with its record of the effect, where effects are counted. */
export const keyed = (request: TaskRequest): EffectOptions => ({ idempotency_key: request.idempotency_key })

const settleMs = 4_000

/** Whether the workload runs anew since the snapshot. What was asked of the runtime may still be under way: waits a little. */
export async function runsAnew({ runtime, request }: EffectContext, snapshot: Snapshot): Promise<'yes' | 'no'> {
  const deadline = performance.now() + settleMs
  for (;;) {
    const { run_id, status } = await runtime.inspect(request.task.target)
    if (run_id !== snapshot.run_id) return 'yes'
    if (status === snapshot.status && performance.now() > deadline - settleMs / 2) return 'no'
    if (performance.now() > deadline) return 'no'
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
}
