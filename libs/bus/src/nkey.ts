// Nkeys: Ed25519 keys in the letters of NATS (base32 of a prefix, the key and a CRC-16). Signed with Node's own cryptography: the
// library's is JavaScript and costs each process three megabytes.
import { Buffer } from 'node:buffer'
import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
/** What precedes the 32 bytes in the key's PKCS #8 form (RFC 8410). */
const pkcs8 = Buffer.from('302e020100300506032b657004220420', 'hex')
const userPrefix = 20 << 3
/** That of a seed and that of a user, five bits apart. */
const seedPrefix = [(18 << 3) | (userPrefix >> 5), (userPrefix & 31) << 3] as const

function base32(bytes: Uint8Array): string {
  let text = ''
  let bits = 0
  let value = 0
  for (const byte of bytes) {
    value = (value << 8) | byte
    for (bits += 8; bits >= 5; bits -= 5) text += alphabet[(value >> (bits - 5)) & 31]
    value &= 31
  }
  return bits > 0 ? text + alphabet[(value << (5 - bits)) & 31] : text
}

/** Null when there are other letters. */
function fromBase32(text: string): Buffer | null {
  const bytes: number[] = []
  let bits = 0
  let value = 0
  for (const letter of text) {
    const digit = alphabet.indexOf(letter)
    if (digit < 0) return null
    value = ((value << 5) | digit) & 0xfff
    bits += 5
    if (bits < 8) continue
    bits -= 8
    bytes.push((value >> bits) & 255)
  }
  return Buffer.from(bytes)
}

/** CRC-16/XMODEM, low byte first. */
function checksum(bytes: Uint8Array): Buffer {
  let crc = 0
  for (const byte of bytes) {
    crc ^= byte << 8
    for (let bit = 0; bit < 8; bit++) crc = ((crc << 1) ^ (crc & 0x8000 ? 0x1021 : 0)) & 0xffff
  }
  return Buffer.from([crc & 255, crc >> 8])
}

const encode = (prefix: readonly number[], key: Uint8Array): string => {
  const bytes = Buffer.concat([Buffer.from(prefix), key])
  return base32(Buffer.concat([bytes, checksum(bytes)]))
}

/** A user's key on the bus. */
export class Nkey {
  readonly #key: KeyObject
  /** As the server's configuration has it: U… */
  readonly publicKey: string

  private constructor(key: KeyObject) {
    this.#key = key
    const { x } = createPublicKey(key).export({ format: 'jwk' })
    this.publicKey = encode([userPrefix], Buffer.from(x!, 'base64url'))
  }

  /** Null when the text is no seed of a user: SU… */
  static parse(seed: string): Nkey | null {
    const bytes = seed.length === 58 ? fromBase32(seed) : null
    if (bytes?.length !== 36 || bytes[0] !== seedPrefix[0] || bytes[1] !== seedPrefix[1]) return null
    // Two of the bits that the letters hold are none of the key's.
    if (!checksum(bytes.subarray(0, 34)).equals(bytes.subarray(34)) || base32(bytes) !== seed) return null
    return new Nkey(createPrivateKey({ key: Buffer.concat([pkcs8, bytes.subarray(2, 34)]), format: 'der', type: 'pkcs8' }))
  }

  /** A new seed. */
  static seed(): string {
    const { privateKey } = generateKeyPairSync('ed25519')
    return encode(seedPrefix, privateKey.export({ format: 'der', type: 'pkcs8' }).subarray(-32))
  }

  /** Base64. */
  sign(text: string): string {
    return sign(null, Buffer.from(text), this.#key).toString('base64')
  }
}
