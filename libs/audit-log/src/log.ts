import { Buffer } from 'node:buffer'
import { type AuditCheckpoint, type AuditCursor, limits, TriageError } from '@triage/contracts'
import { CompactRange } from './compact-range.ts'
import { encodeEntry, type NewEntry, parseEntry } from './entry.ts'
import { leafHash } from './merkle.ts'
import { type NoteKey, signNote } from './note.ts'
import { consistencyProof, subtreesOf } from './proof.ts'

const base64 = (hash: Buffer): string => hash.toString('base64')

/** c2sp.org/tlog-checkpoint: whose log, how many entries, the root over them. */
export const checkpointText = (origin: string, size: number, root: Buffer): string => `${origin}\n${size}\n${base64(root)}\n`

/**
 * The writer's side of the log: what is signed is a tree, what came after it a list of leaves.
 *
 * Invariants
 * 1. size = signed + pending; an entry's index is the size before it.
 * 2. A checkpoint covers at most `limits.checkpoint_entries` entries more than the one before and lists their hashes, so that
 *    whoever has it can tell which entry is not what it was.
 */
export class AuditLog {
  #signed: CompactRange
  readonly #pending: Buffer[] = []
  #cursor: AuditCursor = { INCIDENTS: 0, EFFECTS: 0, SAFETY: 0, RECORDS: 0 }

  private constructor(signed: CompactRange) {
    this.#signed = signed
  }

  static empty(): AuditLog {
    return new AuditLog(new CompactRange())
  }

  /**
   * The log as its newest checkpoint and the entries from the last one under it tell it; all entries when there is no checkpoint.
   * Nothing else is read. Throws E_AUDIT_ROLLBACK when the checkpoint is not what this key has signed over that entry.
   */
  static resume(checkpoint: AuditCheckpoint | null, entries: readonly Uint8Array[], key: NoteKey): AuditLog {
    const log = checkpoint ? AuditLog.#under(checkpoint, entries[0], key) : AuditLog.empty()
    log.#take(entries.slice(checkpoint ? 1 : 0))
    return log
  }

  static #under(checkpoint: AuditCheckpoint, last: Uint8Array | undefined, key: NoteKey): AuditLog {
    const size = sizeOf(checkpoint)
    const log = new AuditLog(new CompactRange(size, frontierOf(checkpoint)))
    // Ed25519 is deterministic: what this key has signed it signs again to the same bytes.
    if (signNote(checkpointText(key.name, size, log.#signed.root()), key) !== checkpoint.checkpoint)
      throw new TriageError('E_AUDIT_ROLLBACK', `the newest checkpoint, of ${size} entries, is not one that this log has signed`)
    if (!last || !leafHash(last).equals(Buffer.from(checkpoint.hashes, 'base64').subarray(-32)))
      throw new TriageError('E_AUDIT_ROLLBACK', `entry ${size - 1} is gone, or is not what the newest checkpoint was signed over`)
    log.#cursor = parseEntry(last).log.cursor
    return log
  }

  #take(entries: readonly Uint8Array[]): void {
    for (const bytes of entries) {
      this.#pending.push(leafHash(bytes))
      this.#cursor = parseEntry(bytes).log.cursor
    }
  }

  get size(): number {
    return this.#signed.size + this.#pending.length
  }

  /** Entries under the newest checkpoint. */
  get signedSize(): number {
    return this.#signed.size
  }

  /** The last message of each stream that is on record. */
  get cursor(): Readonly<AuditCursor> {
    return this.#cursor
  }

  /** Entries that no checkpoint covers. */
  get pending(): number {
    return this.#pending.length
  }

  /** The next entry's exact bytes. The log has not grown until `appended` is told. */
  encode(entry: NewEntry): Buffer {
    return encodeEntry(this.size, this.#cursor, entry)
  }

  appended(entry: Uint8Array, { stream, seq }: NewEntry): void {
    this.#pending.push(leafHash(entry))
    this.#cursor = { ...this.#cursor, [stream]: seq }
  }

  /** Signs what is pending, or the first part of it; there must be something. It is not signed until `checkpointed` is told. */
  checkpoint(key: NoteKey): AuditCheckpoint {
    const leaves = this.#pending.slice(0, limits.checkpoint_entries)
    const signed = new CompactRange(this.#signed.size, this.#signed.nodes)
    for (const leaf of leaves) signed.append(leaf)
    return {
      checkpoint: signNote(checkpointText(key.name, signed.size, signed.root()), key),
      hashes: Buffer.concat(leaves).toString('base64'),
      consistency: consistencyProof(this.#signed.size, signed.size, subtreesOf(this.#signed, leaves)).map(base64),
      frontier: signed.nodes.map(base64)
    }
  }

  checkpointed(checkpoint: AuditCheckpoint): void {
    const size = sizeOf(checkpoint)
    this.#pending.splice(0, size - this.#signed.size)
    this.#signed = new CompactRange(size, frontierOf(checkpoint))
  }
}

const frontierOf = ({ frontier }: AuditCheckpoint): Buffer[] => frontier.map((node) => Buffer.from(node, 'base64'))

/** How many entries a checkpoint covers. */
export const sizeOf = ({ checkpoint }: AuditCheckpoint): number => Number(checkpoint.split('\n')[1])
