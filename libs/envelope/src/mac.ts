// HMAC-SHA256 (RFC 2104) in two one-shot hashes. An Hmac object of node:crypto costs three times as much as the hashing itself,
// four times in each request with its reply; a test holds this to it.
import { Buffer } from 'node:buffer'
import { hash, type KeyObject, timingSafeEqual } from 'node:crypto'
import { limits } from '@triage/contracts'
import { contentType, paeHead } from './pae.ts'

const block = 64
const digestBytes = 32

/** The key in its two pads. */
interface Pads {
  inner: Buffer
  /** Followed by room for the inner hash. */
  outer: Buffer
}

const padsByKey = new WeakMap<KeyObject, Pads>()
/** Nothing is awaited between writing here and hashing it. */
const scratch = Buffer.allocUnsafeSlow(block + 128 + limits.message_bytes)

function padsOf(key: KeyObject): Pads {
  const known = padsByKey.get(key)
  if (known) return known
  const bytes = key.export()
  const padded = Buffer.alloc(block)
  padded.set(bytes.length > block ? hash('sha256', bytes, 'buffer') : bytes)
  const outer = Buffer.alloc(block + digestBytes)
  outer.set(padded.map((byte) => byte ^ 0x5c))
  const pads = { inner: Buffer.from(padded.map((byte) => byte ^ 0x36)), outer }
  padsByKey.set(key, pads)
  return pads
}

/** HMAC-SHA256 over the pre-authentication encoding of a body of at most the limit's length; lower-case hex. */
export function macOf(key: KeyObject, body: Uint8Array): string {
  const { inner, outer } = padsOf(key)
  scratch.set(inner)
  const head = block + scratch.write(paeHead(contentType, body.byteLength), block, 'latin1')
  scratch.set(body, head)
  // As text: a Buffer for each hash would cost as much again.
  outer.write(hash('sha256', scratch.subarray(0, head + body.byteLength), 'hex'), block, 'hex')
  return hash('sha256', outer, 'hex')
}

const expected = Buffer.alloc(digestBytes)
const given = Buffer.alloc(digestBytes)

/** Whether it is the body's MAC, in hex. Takes as long for a wrong one. */
export function macHolds(mac: string, key: KeyObject, body: Uint8Array): boolean {
  expected.write(macOf(key, body), 'hex')
  return mac.length === 2 * digestBytes && given.write(mac, 'hex') === digestBytes && timingSafeEqual(given, expected)
}
