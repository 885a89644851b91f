import { Buffer } from 'node:buffer'
import { hash } from 'node:crypto'
import { hashOfNode } from './hash.ts'

/** Hashes one after the other in one piece of memory: a million of them as objects would be most of a verifier's work. */
class Level {
  #bytes = Buffer.alloc(64 * 32)
  length = 0

  at(i: number): Buffer {
    return this.#bytes.subarray(32 * i, 32 * i + 32)
  }

  push(hashes: Uint8Array): void {
    const end = 32 * this.length + hashes.length
    if (end > this.#bytes.length) this.#bytes = Buffer.concat([this.#bytes], 2 * end)
    this.#bytes.set(hashes, 32 * this.length)
    this.length += hashes.length / 32
  }
}

/** A whole Merkle tree: every node of every level that is complete, 64 bytes an entry. */
export class Tree {
  /** Level 0 holds the leaves; the node i of level l spans the leaves from i·2^l. */
  readonly #levels = [new Level()]

  get size(): number {
    return this.#levels[0]!.length
  }

  leaf(index: number): Buffer {
    return this.#levels[0]!.at(index)
  }

  /** @param leaves their hashes, 32 bytes each */
  add(leaves: Uint8Array): void {
    this.#levels[0]!.push(leaves)
    for (let level = 0; this.#levels[level]!.length > 1; level++) {
      const below = this.#levels[level]!
      this.#levels[level + 1] ??= new Level()
      const here = this.#levels[level + 1]!
      for (let i = here.length; 2 * i + 1 < below.length; i++) here.push(hashOfNode(below.at(2 * i), below.at(2 * i + 1)))
    }
  }

  /** The last nodes of the levels that have an odd number of them: the complete subtrees, the largest first. */
  frontier(): Buffer[] {
    return this.#levels
      .filter(({ length }) => length % 2 === 1)
      .map((level) => level.at(level.length - 1))
      .reverse()
  }

  root(): Buffer {
    const [smallest, ...larger] = this.frontier().reverse()
    return larger.reduce((right, left) => hashOfNode(left, right), smallest ?? hash('sha256', '', 'buffer'))
  }
}
