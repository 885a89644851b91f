import { Buffer } from 'node:buffer'
import { hash } from 'node:crypto'

// One scratch space for each kind of node: hashing is most of a verifier's work, and copying is cheaper than joining buffers.
let leaf = Buffer.alloc(4096)
const node = Buffer.alloc(65, 1)

/** RFC 6962 hash of a leaf, 32 bytes. */
export function hashOfLeaf(entry: Uint8Array): Buffer {
  if (entry.length + 1 > leaf.length) leaf = Buffer.alloc(2 * (entry.length + 1))
  leaf.set(entry, 1)
  return hash('sha256', leaf.subarray(0, entry.length + 1), 'buffer')
}

/** RFC 6962 hash of an inner node, 32 bytes. */
export function hashOfNode(left: Uint8Array, right: Uint8Array): Buffer {
  node.set(left, 1)
  node.set(right, 33)
  return hash('sha256', node, 'buffer')
}

/** The bytes of a base64 text; null when it is not the one text for them, or not `length` bytes long. */
export function fromBase64(text: unknown, length?: number): Buffer | null {
  if (typeof text !== 'string') return null
  const bytes = Buffer.from(text, 'base64')
  return bytes.toString('base64') === text && (length === undefined || bytes.length === length) ? bytes : null
}

export const isSame = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0
