// Checks a log entry by entry. It shares nothing with the writer but the schema.
import { Buffer } from 'node:buffer'
import { createHash } from 'node:crypto'
import { type AuditEntry, checkSchema } from '@triage/contracts'

export interface AuditVerdict {
  ok: boolean
  /** Entries that hold. */
  entries: number
  /** Hash of the last entry that holds, hex. */
  head: string
  /** The first entry that does not hold, and why. */
  firstBad: { index: number; reason: string } | null
}

const hash = (bytes: Uint8Array | string): string => createHash('sha256').update(bytes).digest('hex')

function parse(bytes: Uint8Array): AuditEntry | string {
  try {
    const entry: unknown = JSON.parse(Buffer.from(bytes).toString('utf8'))
    return checkSchema('audit-entry', entry) ?? (entry as AuditEntry)
  } catch {
    return 'it is not JSON'
  }
}

/** What is wrong with an entry, given the one before; null when it holds. */
function fault(entry: AuditEntry, index: number, prevHash: string, before: AuditEntry | null): string | null {
  if (entry.index !== index) return `it says that it is entry ${entry.index}`
  if (entry.prev_hash !== prevHash) return 'the hash of the entry before is another: that entry was altered, or one was taken out or put in'
  if (entry.body !== null && hash(Buffer.from(entry.body, 'utf8')) !== entry.body_sha256)
    return 'its body does not have the hash that it names'
  const { stream, seq } = entry.source
  for (const [name, at] of Object.entries(entry.cursor)) {
    const last = before?.cursor[name as keyof AuditEntry['cursor']] ?? 0
    if (name === stream ? at !== seq || seq <= last : at !== last) return `its cursor of ${name} does not follow from the entry before`
  }
  return null
}

/** Verifies entries in order. Stops at the first one that does not hold and names it. */
export async function verifyChain(entries: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): Promise<AuditVerdict> {
  let head = '0'.repeat(64)
  let before: AuditEntry | null = null
  let index = 0
  for await (const bytes of entries) {
    const entry = parse(bytes)
    const reason: string | null = typeof entry === 'string' ? entry : fault(entry, index, head, before)
    if (reason) return { ok: false, entries: index, head, firstBad: { index, reason } }
    before = entry as AuditEntry
    head = hash(bytes)
    index++
  }
  return { ok: true, entries: index, head, firstBad: null }
}
