import type { Buffer } from 'node:buffer'
import { fromBase64 } from './hash.ts'
import { isSignedBy, type Note, parseNote, type VerifierKey } from './note.ts'

/** A tree head that somebody has signed: c2sp.org/tlog-checkpoint. */
export interface Checkpoint {
  /** Whose log. */
  origin: string
  size: number
  root: Buffer
  note: Note
}

/** Null when it is not a checkpoint. Who signed it is not looked at. */
export function parseCheckpoint(text: string): Checkpoint | null {
  const note = parseNote(text)
  const [, origin, size, root] = /^(\S+)\n(0|[1-9]\d{0,15})\n(\S+)\n$/.exec(note?.text ?? '') ?? []
  const bytes = fromBase64(root, 32)
  return note && origin && bytes ? { origin, size: Number(size), root: bytes, note } : null
}

/** The keys that a log is checked with. */
export interface TrustedKeys {
  log: VerifierKey
  /** When there is one, its word is needed too. */
  witness: VerifierKey | null
}

/** What keeps a checkpoint from being believed; null when it is the log's. */
export function doubtOf({ origin, note }: Checkpoint, { log }: TrustedKeys): string | null {
  if (origin !== log.name) return `it is of the log ${origin}, not of ${log.name}`
  return isSignedBy(note, log) ? null : 'the signature of the log does not hold'
}

export const isWitnessed = ({ note }: Checkpoint, { witness }: TrustedKeys): boolean => witness === null || isSignedBy(note, witness)
