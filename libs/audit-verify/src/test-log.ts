// A log with its checkpoints and cosignatures in memory, as the auditor and the witness would make it, and its export.
import { Buffer } from 'node:buffer'
import { AuditLog, cosignNote } from '@triage/audit-log'
import type { AuditCheckpoint } from '@triage/contracts'
import { type NoteKey, noteKey, signatureTypes } from '@triage/keyring/note-key'

const streams = ['INCIDENTS', 'EFFECTS', 'SAFETY', 'RECORDS'] as const

export const logKey = noteKey('audit.test/1', signatureTypes.note, Buffer.alloc(32, 1))
export const witnessKey = noteKey('witness.test/1', signatureTypes.cosignature, Buffer.alloc(32, 2))

interface TestBatch {
  checkpoint: AuditCheckpoint
  /** Null when the witness has not seen it. */
  cosigned: string | null
  entries: Buffer[]
}

interface TestLogOptions {
  key?: NoteKey
  /** What the message of an entry says. */
  message?: (index: number) => string
  /** Whether the witness signs the checkpoint over that many entries. */
  witnessed?: (size: number) => boolean
}

/** @param batches how many entries come before each checkpoint */
export function testLog(batches: readonly number[], options: TestLogOptions = {}): TestBatch[] {
  const { key = logKey, message = (index) => `message ${index}`, witnessed = () => true } = options
  const log = AuditLog.resume(null, [], key)
  return batches.map((count) => {
    const entries = Array.from({ length: count }, () => {
      const index = log.size
      const stream = streams[index % streams.length]!
      const signed = { keyId: 'k1.gateway.swarm', mac: 'ab'.repeat(32), contentType: 'application/vnd.triage.message.v1+json' }
      const at = new Date(Date.UTC(2026, 0, 1) + index).toISOString()
      const about = { at, stream, seq: log.cursor[stream] + 1, subject: 'incident.inc-20260101-1.observed' }
      const entry = { ...about, message: Buffer.from(message(index)), signed: index % 5 === 4 ? null : signed }
      const bytes = log.encode(entry)
      log.appended(bytes, entry)
      return bytes
    })
    const checkpoint = log.checkpoint(key)
    log.checkpointed(checkpoint)
    const cosigned = witnessed(log.size) ? cosignNote(checkpoint.checkpoint, witnessKey, 1_767_225_600) : null
    return { checkpoint, cosigned, entries }
  })
}

/** Lines of the export, without newlines. */
export function exportLines(batches: readonly TestBatch[]): string[] {
  const lines = batches.flatMap(({ checkpoint, cosigned, entries }) => [
    JSON.stringify(checkpoint),
    ...(cosigned ? [JSON.stringify({ cosigned })] : []),
    ...entries.map(String)
  ])
  const { checkpoint, cosigned } = batches.at(-1)!
  const keys = [logKey.verifier, witnessKey.verifier]
  return [JSON.stringify({ triage_audit: 1, keys, head: cosigned ?? checkpoint.checkpoint, lines: lines.length }), ...lines]
}
