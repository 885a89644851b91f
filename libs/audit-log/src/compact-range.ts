import type { Buffer } from 'node:buffer'
import { emptyRoot, nodeHash } from './merkle.ts'

/**
 * A Merkle tree that only grows, kept as the roots of its perfect subtrees: one for each one-bit of its size. Appending takes
 * O(log n), and what is kept fits into a small message.
 */
export class CompactRange {
  #size: number
  readonly #nodes: Buffer[]

  /** @param nodes roots of the perfect subtrees, the largest first. Throws a RangeError when their number is not the size's. */
  constructor(size = 0, nodes: readonly Buffer[] = []) {
    if (nodes.length !== [...size.toString(2)].filter((bit) => bit === '1').length)
      throw new RangeError(`${nodes.length} nodes are no tree of ${size} leaves`)
    this.#size = size
    this.#nodes = [...nodes]
  }

  get size(): number {
    return this.#size
  }

  get nodes(): readonly Buffer[] {
    return this.#nodes
  }

  append(leaf: Buffer): void {
    let node = leaf
    for (let size = this.#size; size % 2 === 1; size = (size - 1) / 2) node = nodeHash(this.#nodes.pop()!, node)
    this.#nodes.push(node)
    this.#size++
  }

  root(): Buffer {
    return this.#nodes.length === 0 ? emptyRoot() : this.#nodes.reduceRight((right, left) => nodeHash(left, right))
  }

  /** Where each perfect subtree begins and ends, in leaves. */
  *subtrees(): Generator<{ start: number; end: number; hash: Buffer }> {
    let start = 0
    let rest = this.#size
    for (const hash of this.#nodes) {
      const width = 2 ** Math.floor(Math.log2(rest))
      yield { start, end: start + width, hash }
      start += width
      rest -= width
    }
  }
}
