import { TriageError } from '@triage/contracts'
import type { TrustedKeys } from './checkpoint.ts'
import { parseVerifierKey, type VerifierKey } from './note.ts'

const fail = (why: string): never => {
  throw new TriageError('E_AUDIT_FILE', why)
}

/** Verifier keys, one a line. Throws E_AUDIT_FILE when a line is none. */
export const parseKeys = (text: string): VerifierKey[] =>
  text
    .split('\n')
    .filter(Boolean)
    .map((line) => parseVerifierKey(line) ?? fail(`“${line.slice(0, 80)}” is not a verifier key`))

/** The log's key, the first that signs texts, and its witness's. Throws E_AUDIT_FILE when the log's is missing. */
export function trustedKeys(text: string): TrustedKeys {
  const keys = parseKeys(text)
  const log = keys.find(({ type }) => type === 1) ?? fail('the key of the log is not among the keys')
  return { log, witness: keys.find(({ type }) => type === 4) ?? null }
}
