import { hash } from 'node:crypto'
import { isRefused, messageOf, parseEntry } from '@triage/audit-log'
import type { Bus } from '@triage/bus'
import { type PlannerRun, TriageError } from '@triage/contracts'

/** A planner's run as the log has it. */
export interface LoggedRun {
  index: number
  run_id: string
  run: PlannerRun
  /** Whether the texts have the hashes that stand beside them. Of long ones a part is kept, which has not. */
  hashes: { input: boolean; output: boolean }
}

/** Runs that an id names: a run's own, an incident's (all of its runs), or `last`. Throws E_AUDIT_MISSING. */
export async function runsOf(bus: Bus, id: string): Promise<LoggedRun[]> {
  let found: LoggedRun[] = []
  for await (const { body } of bus.history('AUDIT')) {
    const entry = parseEntry(body)
    if (entry.log.subject !== 'audit.record.planner' || isRefused(entry)) continue
    const { envelope, payload } = JSON.parse(messageOf(entry).toString()) as { envelope: { id: string; type: string }; payload: PlannerRun }
    if (envelope.type !== 'record.planner-run.v1') continue
    const hashes = {
      input: hash('sha256', payload.input) === payload.input_sha256,
      output: hash('sha256', payload.output) === payload.output_sha256
    }
    const run = { index: entry.log.index, run_id: envelope.id, run: payload, hashes }
    if (id === 'last') found = [run]
    else if (envelope.id === id || payload.incident_id === id) found.push(run)
  }
  if (found.length === 0) throw new TriageError('E_AUDIT_MISSING', `no run of a planner is on record under ${id}`)
  return found
}
