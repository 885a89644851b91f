import { readFileSync } from 'node:fs'
import { isRefused, messageOf, parseEntry } from '@triage/audit-log'
import { verifyExport } from '@triage/audit-verify'
import { TriageError } from '@triage/contracts'
import type { Fact } from '@triage/incident'
import { factOf } from '../fact-of.ts'

/** The facts that an export of the audit log holds, in their order. Throws E_AUDIT_ALTERED, E_AUDIT_FILE. */
export function factsOfFile(path: string): Fact[] {
  const { firstBad } = verifyExport(path, null)
  if (firstBad) throw new TriageError('E_AUDIT_ALTERED', `${path}, entry ${firstBad.index}: ${firstBad.reason}`)
  const entries = readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('{"log":'))
    .map((line) => parseEntry(Buffer.from(line)))
  return entries
    .filter((entry) => entry.log.stream === 'INCIDENTS' && !isRefused(entry))
    .map((entry) => factOf(JSON.parse(messageOf(entry).toString())))
}
