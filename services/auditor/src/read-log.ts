import { Buffer } from 'node:buffer'
import { AuditLog, type NoteKey, sizeOf } from '@triage/audit-log'
import type { Bus } from '@triage/bus'
import { type AuditCheckpoint, TriageError } from '@triage/contracts'

export const parseCheckpointMessage = (body: Uint8Array): AuditCheckpoint => JSON.parse(Buffer.from(body).toString()) as AuditCheckpoint

export interface ReadLog {
  log: AuditLog
  /** Where the newest checkpoint stands in its stream; 0 when there is none. */
  position: number
}

/** The log as its streams tell it: the newest checkpoint, and the entries from the last one under it. Throws E_AUDIT_ROLLBACK. */
export async function readLog(bus: Bus, key: NoteKey): Promise<ReadLog> {
  const newest = await bus.last('CHECKPOINTS', 'audit.checkpoint')
  const checkpoint = newest && parseCheckpointMessage(newest.body)
  const size = checkpoint ? sizeOf(checkpoint) : 0
  const { lastSeq } = await bus.size('AUDIT')
  if (lastSeq < size) throw new TriageError('E_AUDIT_ROLLBACK', `the log has ${lastSeq} entries; its newest checkpoint covers ${size}`)
  const entries: Uint8Array[] = []
  for await (const { body } of bus.history('AUDIT', Math.max(1, size))) entries.push(body)
  return { log: AuditLog.resume(checkpoint, entries, key), position: newest?.seq ?? 0 }
}
