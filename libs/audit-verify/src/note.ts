// Signed notes and verifier keys, c2sp.org/signed-note and c2sp.org/tlog-cosignature.
import { Buffer } from 'node:buffer'
import { createPublicKey, hash, type KeyObject, verify } from 'node:crypto'
import { fromBase64, isSame } from './hash.ts'

export interface VerifierKey {
  name: string
  /** 1: over the text. 4: a witness's, over the text and the time. */
  type: 1 | 4
  id: Buffer
  key: KeyObject
  /** As it was given. */
  text: string
}

/** What comes before the 32 bytes of a public key in SPKI (RFC 8410). */
const spki = Buffer.from('302a300506032b6570032100', 'hex')

/** A key of the form name+id+base64(type ‖ public key); null when it is not one, or its id is another's. */
export function parseVerifierKey(text: string): VerifierKey | null {
  const [, name, id, material] = /^([^+\s]+)\+([0-9a-f]{8})\+(\S+)$/.exec(text) ?? []
  const bytes = fromBase64(material, 33)
  if (!name || !bytes || (bytes[0] !== 1 && bytes[0] !== 4)) return null
  const expected = hash('sha256', Buffer.concat([Buffer.from(`${name}\n`), bytes]), 'buffer').subarray(0, 4)
  if (expected.toString('hex') !== id) return null
  const key = createPublicKey({ key: Buffer.concat([spki, bytes.subarray(1)]), format: 'der', type: 'spki' })
  return { name, type: bytes[0], id: expected, key, text }
}

export interface Note {
  /** With its last newline. */
  text: string
  signatures: { name: string; id: Buffer; signature: Buffer }[]
}

const mostSignatures = 16

/** Null when it is not a note. Who signed it is not looked at. */
export function parseNote(note: string): Note | null {
  const gap = note.lastIndexOf('\n\n')
  if (gap < 1 || !note.endsWith('\n')) return null
  const lines = note.slice(gap + 2, -1).split('\n')
  if (lines.length > mostSignatures) return null
  const signatures: Note['signatures'] = []
  for (const line of lines) {
    const [, name, encoded] = /^— ([^+\s]+) (\S+)$/.exec(line) ?? []
    const bytes = fromBase64(encoded)
    if (!name || !bytes || bytes.length < 5) return null
    signatures.push({ name, id: bytes.subarray(0, 4), signature: bytes.subarray(4) })
  }
  return { text: note.slice(0, gap + 1), signatures }
}

const holds = (text: string, signature: Buffer, { type, key }: VerifierKey): boolean => {
  if (type === 1) return verify(null, Buffer.from(text), key, signature)
  if (signature.length !== 72) return false
  const time = signature.readBigUInt64BE(0)
  return verify(null, Buffer.from(`cosignature/v1\ntime ${time}\n${text}`), key, signature.subarray(8))
}

/** Whether the key has signed the note. A signature in its name that does not hold is as bad as none. */
export function isSignedBy({ text, signatures }: Note, key: VerifierKey): boolean {
  const own = signatures.filter(({ name, id }) => name === key.name && isSame(id, key.id))
  return own.length > 0 && own.every(({ signature }) => holds(text, signature, key))
}
