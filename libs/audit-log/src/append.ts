import { Buffer } from 'node:buffer'
import { createHash } from 'node:crypto'
import type { AuditCursor, AuditEntry, AuditSource } from '@triage/contracts'

/** How far the log has come. */
export interface Appended {
  /** Number of entries. */
  size: number
  /** SHA-256 of the last entry's bytes, hex; zeros when there is none. */
  hash: string
  cursor: AuditCursor
}

export const genesis: Appended = { size: 0, hash: '0'.repeat(64), cursor: { INCIDENTS: 0, EFFECTS: 0, RECORDS: 0 } }

export interface NewEntry {
  /** When its stream took the message in, RFC 3339: writing an entry again after a failure gives the same bytes. */
  at: string
  source: AuditSource
  /** Exact bytes of the message that is put on record. */
  message: Uint8Array
  /** Whether to keep the message itself; a refused one leaves only its hash. */
  keepBody: boolean
}

export const sha256 = (bytes: Uint8Array | string): string => createHash('sha256').update(bytes).digest('hex')

/** The next entry's exact bytes, and how far the log has come with it. */
export function appendEntry(last: Appended, { at, source, message, keepBody }: NewEntry): { bytes: Uint8Array; next: Appended } {
  const cursor = { ...last.cursor, [source.stream]: source.seq }
  const entry: AuditEntry = {
    index: last.size,
    at,
    prev_hash: last.hash,
    source,
    body_sha256: sha256(message),
    body: keepBody ? Buffer.from(message).toString('utf8') : null,
    cursor
  }
  const bytes = Buffer.from(JSON.stringify(entry), 'utf8')
  return { bytes, next: { size: last.size + 1, hash: sha256(bytes), cursor } }
}

/** How far the log has come, from its last entry. */
export function lastAppended(bytes: Uint8Array): Appended {
  const entry = JSON.parse(Buffer.from(bytes).toString('utf8')) as AuditEntry
  return { size: entry.index + 1, hash: sha256(bytes), cursor: entry.cursor }
}
