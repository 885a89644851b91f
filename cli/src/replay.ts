// Has the planner's own code plan again what it has planned, from the facts alone.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { type ErrorCode, type ErrorReport, type PlanProposed, TriageError } from '@triage/contracts'
import type { Fact } from '@triage/incident'

/** A proposal as it is on record, and as the same facts give it now. */
export interface Replayed {
  incident_id: string
  recorded: PlanProposed
  now: PlanProposed
  /** Byte for byte. */
  same: boolean
}

const program = join(import.meta.dirname, '../../services/planner/src/replay-main.ts')

/**
 * Every proposal of a planner, in order. Models are asked, or replayed, as the environment has it.
 * @param facts of every incident: what helped in one is told in the next
 * @param only an incident; null: all of them
 * @throws what the planner's program says: E_CONFIG, E_RULEBOOK, E_RUNBOOK
 */
export async function* replayPlans(facts: readonly Fact[], only: string | null): AsyncGenerator<Replayed> {
  const child = spawn(process.execPath, [program], { stdio: ['pipe', 'pipe', 'inherit'] })
  const closed = once(child, 'close')
  // Of a program that has ended already, its exit code tells.
  child.stdin.on('error', () => {})
  child.stdin.end(JSON.stringify({ facts, only }))
  for await (const line of createInterface(child.stdout)) {
    const said = JSON.parse(line) as Replayed | { error: ErrorReport }
    if ('error' in said) throw new TriageError(said.error.code as ErrorCode, said.error.message)
    yield said
  }
  const [code] = await closed
  if (code !== 0) throw new TriageError('E_INTERNAL', `${program} ended with ${code}`)
}
