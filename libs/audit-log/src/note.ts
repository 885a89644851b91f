// Notes as c2sp.org/signed-note has them: text, an empty line, a line for each signature.
import { Buffer } from 'node:buffer'

/** Signs in somebody's name. */
export interface NoteKey {
  /** Without spaces and plus signs. */
  name: string
  /** Four bytes that tell keys of one name apart. */
  id: Buffer
  /** Ed25519, 64 bytes. */
  sign(message: Buffer): Buffer
}

const line = ({ name, id }: NoteKey, signature: Uint8Array): string => `— ${name} ${Buffer.concat([id, signature]).toString('base64')}\n`

/** @param text ends with a newline */
export const signNote = (text: string, key: NoteKey): string => `${text}\n${line(key, key.sign(Buffer.from(text)))}`

/** The signed note with a witness's signature more. @param at seconds since the epoch */
export function cosignNote(note: string, key: NoteKey, at: number): string {
  const text = note.slice(0, note.lastIndexOf('\n\n') + 1)
  const time = Buffer.alloc(8)
  time.writeBigUInt64BE(BigInt(at))
  return note + line(key, Buffer.concat([time, key.sign(Buffer.from(`cosignature/v1\ntime ${at}\n${text}`))]))
}
