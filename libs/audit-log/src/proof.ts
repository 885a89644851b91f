import type { Buffer } from 'node:buffer'
import type { CompactRange } from './compact-range.ts'
import { nodeHash, splitOf } from './merkle.ts'

/** Root of the subtree over the leaves from `start` to before `end`. */
type SubtreeHash = (start: number, end: number) => Buffer

/** Every subtree that can be told from a tree and the leaves that came after it: all that proofs between the two need. */
export function subtreesOf(before: CompactRange, leaves: readonly Buffer[]): SubtreeHash {
  const known = new Map([...before.subtrees()].map(({ start, end, hash }) => [`${start}-${end}`, hash]))
  const hashOf: SubtreeHash = (start, end) => {
    const perfect = known.get(`${start}-${end}`)
    if (perfect) return perfect
    if (end - start === 1) return leaves[start - before.size]!
    const middle = start + splitOf(end - start)
    return nodeHash(hashOf(start, middle), hashOf(middle, end))
  }
  return hashOf
}

/** RFC 6962 §2.1.1: the siblings on the way from the leaf at `index` to the root of a tree of `size` leaves. */
export function inclusionProof(index: number, size: number, hashOf: SubtreeHash): Buffer[] {
  const path = (start: number, end: number): Buffer[] => {
    if (end - start === 1) return []
    const middle = start + splitOf(end - start)
    return index < middle ? [...path(start, middle), hashOf(middle, end)] : [...path(middle, end), hashOf(start, middle)]
  }
  return path(0, size)
}

/** RFC 6962 §2.1.2: what shows that the tree of `size` leaves begins with the tree of `before` leaves. */
export function consistencyProof(before: number, size: number, hashOf: SubtreeHash): Buffer[] {
  const path = (start: number, end: number, whole: boolean): Buffer[] => {
    if (end === before) return whole ? [] : [hashOf(start, end)]
    const middle = start + splitOf(end - start)
    return before <= middle ? [...path(start, middle, whole), hashOf(middle, end)] : [...path(middle, end, false), hashOf(start, middle)]
  }
  return before === 0 ? [] : path(0, size, true)
}
