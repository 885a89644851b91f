import { Buffer } from 'node:buffer'
import { type Checkpoint, doubtOf, isWitnessed, parseCheckpoint, type TrustedKeys } from './checkpoint.ts'
import { fromBase64, hashOfLeaf, isSame } from './hash.ts'
import { isConsistent } from './proof.ts'
import { Tree } from './tree.ts'

export interface AuditVerdict {
  ok: boolean
  /** Entries that hold. */
  entries: number
  /** Root of the tree over the entries that were vouched for, hex. */
  head: string
  /** The first entry that is not what was signed, or that nothing vouches for, and why. */
  firstBad: { index: number; reason: string } | null
}

type Cursor = Record<string, number>
const mostLeaves = 256

/**
 * Checks a log as it is told: a checkpoint first, then the entries that are new under it. Each method returns null, or why the
 * entry at `position` is not to be believed; after that the verifier is not to be used.
 */
export class LogVerifier {
  readonly #keys: TrustedKeys
  readonly #tree = new Tree()
  #last: Checkpoint | null = null
  /** The note that the last line was, if it was one. */
  #awaitsWitness: string | null = null
  #cursor: Cursor = {}
  #position = 0

  constructor(keys: TrustedKeys) {
    this.#keys = keys
  }

  /** Entries that hold. */
  get position(): number {
    return this.#position
  }

  /** The tree head that the log must come to: without one its end could be cut off. */
  head(text: string): string | null {
    const head = parseCheckpoint(text)
    if (!head) return 'the head of the log is not a checkpoint'
    const doubt = doubtOf(head, this.#keys)
    if (doubt) return `the head of the log is not to be believed: ${doubt}`
    return isWitnessed(head, this.#keys) ? null : 'the witness has not signed the head of the log'
  }

  /** @param line exact bytes of a checkpoint's message */
  checkpoint(line: Uint8Array): string | null {
    if (this.#position < this.#tree.size) return 'it is missing'
    const text = Buffer.from(line.buffer, line.byteOffset, line.byteLength).toString()
    const told = parse(text) as { checkpoint?: unknown; hashes?: unknown; consistency?: unknown } | null
    const checkpoint = typeof told?.checkpoint === 'string' ? parseCheckpoint(told.checkpoint) : null
    const leaves = fromBase64(told?.hashes)
    const consistency = Array.isArray(told?.consistency) ? told.consistency.map((node) => fromBase64(node, 32)) : [null]
    if (!checkpoint || !leaves || leaves.length % 32 !== 0 || leaves.length > 32 * mostLeaves || consistency.includes(null))
      return 'the checkpoint over it cannot be read'
    const doubt = doubtOf(checkpoint, this.#keys)
    if (doubt) return `the checkpoint over it is not to be believed: ${doubt}`
    const before = this.#last ?? { size: 0, root: this.#tree.root() }
    this.#tree.add(leaves)
    if (checkpoint.size !== this.#tree.size || !isSame(checkpoint.root, this.#tree.root()))
      return 'it, or one soon after it, was altered: the hashes that the checkpoint lists do not lead to the root that was signed'
    if (!isConsistent(before, checkpoint, consistency as Buffer[]))
      return 'the checkpoint over it does not prove that it continues the one before'
    const frontier = this.#tree.frontier().map((node) => node.toString('base64'))
    // Whatever else stands in the line has been altered.
    if (JSON.stringify({ checkpoint: told!.checkpoint, hashes: told!.hashes, consistency: told!.consistency, frontier }) !== text)
      return 'the checkpoint over it was altered'
    this.#last = checkpoint
    this.#awaitsWitness = told!.checkpoint as string
    return null
  }

  /** Comes right after its checkpoint, if it comes. @param text the checkpoint as the witness has signed it */
  cosigned(text: string): string | null {
    const checkpoint = this.#awaitsWitness
    this.#awaitsWitness = null
    // The log's own signature has been checked: these are the same bytes.
    const cosigned = checkpoint !== null && text.startsWith(checkpoint) ? parseCheckpoint(text) : null
    if (!cosigned) return 'the witness has signed another checkpoint'
    return isWitnessed(cosigned, this.#keys) ? null : 'the signature of the witness does not hold'
  }

  /** @param bytes exact bytes of the entry */
  entry(bytes: Uint8Array): string | null {
    this.#awaitsWitness = null
    if (this.#position >= this.#tree.size) return 'no checkpoint vouches for it'
    if (!isSame(hashOfLeaf(bytes), this.#tree.leaf(this.#position))) return 'it is not the entry that was signed'
    const wrong = this.#place(bytes)
    if (!wrong) this.#position++
    return wrong
  }

  /** Whether the log's own account of itself holds together: no message of a stream is left out. */
  #place(bytes: Uint8Array): string | null {
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    const place = parse(text.toString('utf8', 7, text.indexOf('}},') + 2)) as { index: number; stream: string; cursor?: Cursor } | null
    if (!place?.cursor) return 'it does not say where it stands'
    const { index, stream, cursor } = place
    if (index !== this.#position) return `it says that it is entry ${index}`
    for (const name of Object.keys(cursor)) {
      const expected = (this.#cursor[name] ?? 0) + (name === stream ? 1 : 0)
      if (cursor[name] !== expected) return `what came before it from ${name} was left out: ${cursor[name]} instead of ${expected}`
    }
    this.#cursor = cursor
    return null
  }

  /** Whether the log came to where its head says. */
  end(head: string): string | null {
    if (this.#position < this.#tree.size) return 'it is missing: the log was cut'
    return parseCheckpoint(head)?.note.text === this.#last?.note.text ? null : 'it is missing: the log ends before the head that was signed'
  }

  /** @param index the first bad entry, when it is not the one at `position` */
  verdict(reason: string | null, index = this.#position): AuditVerdict {
    const firstBad = reason === null ? null : { index, reason }
    return { ok: firstBad === null, entries: index, head: this.#tree.root().toString('hex'), firstBad }
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
