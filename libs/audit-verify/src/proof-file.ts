import type { Buffer } from 'node:buffer'
import { type Checkpoint, doubtOf, isWitnessed, parseCheckpoint, type TrustedKeys } from './checkpoint.ts'
import { fromBase64, hashOfLeaf, isSame } from './hash.ts'
import { rootOfInclusion } from './proof.ts'

/** What a c2sp.org/tlog-proof@v1 file says, once it has been checked. */
interface ProvenEntry {
  index: number
  /** Exact bytes. */
  entry: Buffer
  /** Entries that the log had. */
  size: number
}

export const proofFirstLine = 'c2sp.org/tlog-proof@v1'

/** The entry that the file proves, or why it does not. */
export function verifyProofFile(text: string, keys: TrustedKeys): ProvenEntry | string {
  const gap = text.indexOf('\n\n')
  const [first, extra = '', index = '', ...hashes] = text.slice(0, Math.max(0, gap)).split('\n')
  const entry = fromBase64(extra.replace(/^extra /, ''))
  const proof = hashes.map((hash) => fromBase64(hash, 32))
  const checkpoint = parseCheckpoint(text.slice(gap + 2))
  if (first !== proofFirstLine || !extra.startsWith('extra ') || !entry || !/^index (0|[1-9]\d{0,15})$/.test(index))
    return 'it is not a proof'
  if (proof.includes(null) || !checkpoint) return 'it is not a proof'
  const doubt = doubtOf(checkpoint, keys)
  if (doubt) return `its checkpoint is not to be believed: ${doubt}`
  if (!isWitnessed(checkpoint, keys)) return 'the witness has not signed its checkpoint'
  return proves(checkpoint, Number(index.slice(6)), entry, proof as Buffer[])
}

function proves(checkpoint: Checkpoint, index: number, entry: Buffer, proof: Buffer[]): ProvenEntry | string {
  const root = rootOfInclusion(index, checkpoint.size, hashOfLeaf(entry), proof)
  if (!root || !isSame(root, checkpoint.root)) return `the entry is not entry ${index} of the log that was signed`
  return { index, entry, size: checkpoint.size }
}
