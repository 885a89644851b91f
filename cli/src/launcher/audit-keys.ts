import { writeFile } from 'node:fs/promises'
import { createNoteKeyFile, openNoteKey, signatureTypes } from '@triage/keyring/note-key'
import type { dataPaths } from './folders.ts'

type AuditKeyPaths = Pick<ReturnType<typeof dataPaths>, 'logKey' | 'witnessKey' | 'attestationKey' | 'auditKeys'>

/** Makes the keys that the audit log, its witness and the operator sign with, where there are none, and says what verifies them. */
export async function makeAuditKeys({ logKey, witnessKey, attestationKey, auditKeys }: AuditKeyPaths): Promise<void> {
  createNoteKeyFile(logKey, 'log.triage', signatureTypes.note)
  createNoteKeyFile(witnessKey, 'witness.triage', signatureTypes.cosignature)
  createNoteKeyFile(attestationKey, 'operator.triage', signatureTypes.note)
  // The log's comes first: that is how a verifier tells it from the operator's.
  const verifiers = [logKey, witnessKey, attestationKey].map((path) => openNoteKey(path).verifier)
  await writeFile(auditKeys, verifiers.map((key) => `${key}\n`).join(''))
}
