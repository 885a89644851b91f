// Checks what the audit log's writer leaves behind. It shares nothing with the writer but SHA-256 and Ed25519: another one can be
// written from the formats alone (docs/decisions/0008-audit-log.md).
export { attestationStart, verifyAttestation } from './attestation.ts'
export { doubtOf, isWitnessed, parseCheckpoint, type TrustedKeys } from './checkpoint.ts'
export { type ExportHeader, type FileVerdict, verifyExport } from './export.ts'
export { parseKeys, trustedKeys } from './keys.ts'
export { type AuditVerdict, LogVerifier } from './log-verifier.ts'
export { isSignedBy, parseNote, parseVerifierKey } from './note.ts'
export { isConsistent, rootOfInclusion } from './proof.ts'
export { proofFirstLine, verifyProofFile } from './proof-file.ts'
