// Ed25519 keys that sign in a name of their own: the audit log's, its witness's, the operator's. One line in a file each, in the
// form of golang.org/x/mod/sumdb/note; the public half is c2sp.org/signed-note's verifier key.
import { Buffer } from 'node:buffer'
import { createPrivateKey, createPublicKey, hash, randomBytes, sign } from 'node:crypto'
import { TriageError } from '@triage/contracts'
import { createPrivateFile, readPrivateFile } from './private-file.ts'

/** Ed25519 over a text; a witness's Ed25519 over a text and the time. */
export const signatureTypes = { note: 1, cosignature: 4 } as const
type SignatureType = (typeof signatureTypes)[keyof typeof signatureTypes]

export interface NoteKey {
  name: string
  /** First four bytes of SHA-256(name ‖ 0x0A ‖ type ‖ public key). */
  id: Buffer
  /** name+id+base64(type ‖ public key): what a verifier needs. */
  verifier: string
  /** Ed25519, 64 bytes. */
  sign(message: Uint8Array): Buffer
}

/** What comes before the 32 bytes of a private key in PKCS #8 (RFC 8410). */
const pkcs8 = Buffer.from('302e020100300506032b657004220420', 'hex')

const idOf = (name: string, type: SignatureType, publicKey: Uint8Array): Buffer =>
  hash('sha256', Buffer.concat([Buffer.from(`${name}\n`), Uint8Array.of(type), publicKey]), 'buffer').subarray(0, 4)

/** @param seed the private key, 32 bytes */
export function noteKey(name: string, type: SignatureType, seed: Uint8Array): NoteKey {
  const privateKey = createPrivateKey({ key: Buffer.concat([pkcs8, seed]), format: 'der', type: 'pkcs8' })
  const publicKey = createPublicKey(privateKey).export({ format: 'der', type: 'spki' }).subarray(-32)
  const id = idOf(name, type, publicKey)
  const material = Buffer.concat([Uint8Array.of(type), publicKey]).toString('base64')
  return { name, id, verifier: `${name}+${id.toString('hex')}+${material}`, sign: (message) => sign(null, message, privateKey) }
}

/** Writes a key file with a new key, mode 0600, under a name that no other has. Leaves one that is there alone. */
export function createNoteKeyFile(path: string, family: string, type: SignatureType): void {
  const name = `${family}/${randomBytes(4).toString('hex')}`
  const seed = randomBytes(32)
  const id = noteKey(name, type, seed).id.toString('hex')
  const line = `PRIVATE+KEY+${name}+${id}+${Buffer.concat([Uint8Array.of(type), seed]).toString('base64')}\n`
  createPrivateFile(path, line)
}

/** Reads a key file. Throws E_KEYS_MODE when others may read it, E_KEYS_INVALID when it does not hold such a key. */
export function openNoteKey(path: string): NoteKey {
  const invalid = (why: string) => new TriageError('E_KEYS_INVALID', `${path}: ${why}`)
  let text: string
  try {
    text = readPrivateFile(path)
  } catch (error) {
    throw error instanceof TriageError ? error : invalid((error as Error).message)
  }
  const [, name, id, material] = /^PRIVATE\+KEY\+([^+\s]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]{44})\n$/.exec(text) ?? []
  const bytes = Buffer.from(material ?? '', 'base64')
  const type = Object.values(signatureTypes).find((known) => known === bytes[0])
  if (!name || !type || bytes.length !== 33) throw invalid('it is not a signing key')
  const key = noteKey(name, type, bytes.subarray(1))
  if (key.id.toString('hex') !== id) throw invalid('the key is not the one that its id names')
  return key
}
