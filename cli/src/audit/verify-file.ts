import { closeSync, openSync, readFileSync, readSync } from 'node:fs'
import {
  attestationStart,
  type FileVerdict,
  parseKeys,
  proofFirstLine,
  trustedKeys,
  verifyAttestation,
  verifyExport,
  verifyProofFile
} from '@triage/audit-verify'
import { TriageError } from '@triage/contracts'
import { dataPaths } from '../launcher/folders.ts'
import { style } from '../render/style.ts'

/** What is found, for programs and for people. */
type Finding = [value: object, text: () => string]

/** Throws E_AUDIT_FILE when it cannot be read. */
function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw new TriageError('E_AUDIT_FILE', `cannot read ${path}: ${(error as Error).message}`, { cause: error })
  }
}

function beginning(path: string): string {
  try {
    const file = openSync(path, 'r')
    const bytes = Buffer.alloc(64)
    const length = readSync(file, bytes)
    closeSync(file)
    return bytes.toString('utf8', 0, length)
  } catch (error) {
    throw new TriageError('E_AUDIT_FILE', `cannot read ${path}: ${(error as Error).message}`, { cause: error })
  }
}

/**
 * Verifies a file that `triage audit` has written, whichever it is. Throws E_AUDIT_ALTERED, E_AUDIT_FILE.
 * @param keyFile verifier keys; null: an export's own, for what carries none those of the data folder
 */
export function verifyFile(path: string, keyFile: string | null, data: string): Finding {
  const start = beginning(path)
  if (start.startsWith(proofFirstLine)) return proof(path, keyFile ?? dataPaths(data).auditKeys)
  if (start.startsWith(attestationStart)) return attestation(path, keyFile ?? dataPaths(data).auditKeys)
  return log(path, verifyExport(path, keyFile === null ? null : trustedKeys(read(keyFile))))
}

function log(path: string, verdict: FileVerdict): Finding {
  const { firstBad, entries, head, keysGiven } = verdict
  if (firstBad) throw new TriageError('E_AUDIT_ALTERED', `${path}, entry ${firstBad.index}: ${firstBad.reason}`)
  const whose = keysGiven ? 'with the keys given' : 'with the keys that the export carries itself; give --key to know whose log it is'
  return [verdict, () => `${style.good('verified')}: ${entries} entries, head ${head.slice(0, 16)}…, ${whose}`]
}

function proof(path: string, keyFile: string): Finding {
  const proven = verifyProofFile(read(path), trustedKeys(read(keyFile)))
  if (typeof proven === 'string') throw new TriageError('E_AUDIT_ALTERED', `${path}: ${proven}`)
  const { index, entry, size } = proven
  return [
    { ok: true, index, size, entry: JSON.parse(entry.toString()) },
    () => `${style.good('verified')}: entry ${index} of ${size}\n${entry}`
  ]
}

function attestation(path: string, keyFile: string): Finding {
  const keys = read(keyFile)
  const attested = verifyAttestation(read(path), parseKeys(keys), trustedKeys(keys))
  if (typeof attested === 'string') throw new TriageError('E_AUDIT_ALTERED', `${path}: ${attested}`)
  const { incidentId, outcome, entries, by } = attested
  return [
    { ok: true, ...attested },
    () => `${style.good('verified')}: ${incidentId} ${outcome}, ${entries} entries of the log, signed by ${by}`
  ]
}
