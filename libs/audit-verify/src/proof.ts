// Checks of proofs as RFC 9162 §2.1.3.2 and §2.1.4.2 have them: one loop over the proof, no tree.
import type { Buffer } from 'node:buffer'
import { hashOfNode, isSame } from './hash.ts'

const half = (n: number): number => Math.floor(n / 2)
const isOdd = (n: number): boolean => n % 2 === 1

/** The root to which a proof leads from the leaf at `index`; null when the proof is not one for a tree of that size. */
export function rootOfInclusion(index: number, size: number, leaf: Buffer, proof: readonly Buffer[]): Buffer | null {
  if (index >= size) return null
  let [at, last, root] = [index, size - 1, leaf]
  for (const node of proof) {
    if (last === 0) return null
    if (isOdd(at) || at === last) {
      root = hashOfNode(node, root)
      while (!isOdd(at) && at !== 0) [at, last] = [half(at), half(last)]
    } else root = hashOfNode(root, node)
    ;[at, last] = [half(at), half(last)]
  }
  return last === 0 ? root : null
}

interface Head {
  size: number
  root: Buffer
}

/** Whether the tree `after` begins with the tree `before`. */
export function isConsistent(before: Head, after: Head, proof: readonly Buffer[]): boolean {
  if (before.size > after.size) return false
  if (before.size === after.size) return proof.length === 0 && isSame(before.root, after.root)
  if (before.size === 0) return proof.length === 0
  // A tree of a power of two is itself the first node of the proof.
  const path = Number.isInteger(Math.log2(before.size)) ? [before.root, ...proof] : proof
  const [first, ...rest] = path
  if (!first || proof.length === 0) return false
  let [at, last] = [before.size - 1, after.size - 1]
  while (isOdd(at)) [at, last] = [half(at), half(last)]
  let [old, grown] = [first, first]
  for (const node of rest) {
    if (last === 0) return false
    if (isOdd(at) || at === last) {
      old = hashOfNode(node, old)
      grown = hashOfNode(node, grown)
      while (!isOdd(at) && at !== 0) [at, last] = [half(at), half(last)]
    } else grown = hashOfNode(grown, node)
    ;[at, last] = [half(at), half(last)]
  }
  return last === 0 && isSame(old, before.root) && isSame(grown, after.root)
}
