import { Buffer } from 'node:buffer'
import { CompactRange, inclusionProof, subtreesOf } from '@triage/audit-log'
import type { Bus } from '@triage/bus'
import { TriageError } from '@triage/contracts'
import { type LogView, viewLog } from './log-view.ts'

/** Proves entries of the log to be under its newest witnessed tree head. */
interface Prover {
  head: string
  size: number
  /** Hashes from the entry to the root. Throws E_AUDIT_MISSING. */
  proofOf(index: number): Buffer[]
}

/** Reads the hashes of all entries, not the entries. Throws E_AUDIT_MISSING when nothing is signed yet. */
export async function prover(bus: Bus): Promise<Prover> {
  const view = await viewLog(bus)
  if (!view) throw new TriageError('E_AUDIT_MISSING', 'nothing of the log is signed yet')
  const { head, size } = view
  const leaves = await leavesUnder(view, bus)
  const hashOf = subtreesOf(new CompactRange(), leaves)
  return {
    head,
    size,
    proofOf: (index) => {
      if (index >= size)
        throw new TriageError('E_AUDIT_MISSING', `there is no entry ${index} under the newest tree head, of ${size} entries`)
      return inclusionProof(index, size, hashOf)
    }
  }
}

async function leavesUnder({ size }: LogView, bus: Bus): Promise<Buffer[]> {
  const leaves: Buffer[] = []
  for await (const { subject, body } of bus.history('CHECKPOINTS')) {
    if (subject !== 'audit.checkpoint' || leaves.length >= size) continue
    const { hashes } = JSON.parse(new TextDecoder().decode(body)) as { hashes: string }
    const bytes = Buffer.from(hashes, 'base64')
    for (let at = 0; at < bytes.length; at += 32) leaves.push(bytes.subarray(at, at + 32))
  }
  return leaves
}
