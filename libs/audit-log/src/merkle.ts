import { Buffer } from 'node:buffer'
import { hash } from 'node:crypto'

const leafPrefix = Uint8Array.of(0)
const nodePrefix = Uint8Array.of(1)

/** RFC 6962 §2.1: SHA-256(0x00 ‖ entry), 32 bytes. The prefix keeps an entry from passing for a node. */
export const leafHash = (entry: Uint8Array): Buffer => hash('sha256', Buffer.concat([leafPrefix, entry]), 'buffer')

/** SHA-256(0x01 ‖ left ‖ right), 32 bytes. */
export const nodeHash = (left: Uint8Array, right: Uint8Array): Buffer => hash('sha256', Buffer.concat([nodePrefix, left, right]), 'buffer')

/** Root of a tree without leaves: SHA-256 of nothing. */
export const emptyRoot = (): Buffer => hash('sha256', '', 'buffer')

/** Where a tree of `size` leaves, at least two, is split: the largest power of two below it. */
export function splitOf(size: number): number {
  let left = 1
  while (left * 2 < size) left *= 2
  return left
}
