// The writer of an append-only log that anyone can check: an RFC 6962 Merkle tree under signed checkpoints. Pure.
export { CompactRange } from './compact-range.ts'
export { isRefused, messageOf, type NewEntry, parseEntry } from './entry.ts'
export { AuditLog, checkpointText, sizeOf } from './log.ts'
export { leafHash } from './merkle.ts'
export { cosignNote, type NoteKey, signNote } from './note.ts'
export { consistencyProof, inclusionProof, subtreesOf } from './proof.ts'
export { proofFile } from './proof-file.ts'
