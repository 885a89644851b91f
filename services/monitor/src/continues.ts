import { Buffer } from 'node:buffer'
import { doubtOf, isConsistent, parseCheckpoint, type TrustedKeys } from '@triage/audit-verify'
import type { AuditCheckpoint } from '@triage/contracts'

/** Why a checkpoint does not continue the one that was witnessed before; null when it does. `before`: null when none was. */
export function breach(before: string | null, message: AuditCheckpoint, keys: TrustedKeys): string | null {
  const next = parseCheckpoint(message.checkpoint)
  if (!next) return 'it is not a checkpoint'
  const doubt = doubtOf(next, keys)
  if (doubt) return doubt
  if (before === null) return null
  const last = parseCheckpoint(before)!
  if (next.size < last.size) return `it covers ${next.size} entries; ${last.size} were seen`
  const proof = message.consistency.map((node) => Buffer.from(node, 'base64'))
  return isConsistent(last, next, proof) ? null : `it does not begin with the ${last.size} entries that were seen`
}
