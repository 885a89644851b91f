import { Buffer } from 'node:buffer'
import { hash } from 'node:crypto'
import type { AuditCursor, AuditEntry } from '@triage/contracts'

export interface NewEntry {
  /** When its stream took the message in, RFC 3339: writing an entry again after a failure gives the same bytes. */
  at: string
  stream: AuditEntry['log']['stream']
  /** Its sequence number there. */
  seq: number
  subject: string
  /** Exact bytes of the message. */
  message: Uint8Array
  /** Under which key it was signed, and its MAC, hex; null for a message that was refused: it leaves only its hash. */
  signed: { keyId: string; mac: string; contentType: string } | null
}

const refusedType = 'application/vnd.triage.refused.v1+json'

/**
 * The entry's exact bytes: the message itself as a DSSE envelope, whose signature is the MAC that it came with (it is made over
 * DSSE's encoding), and its place in the log. `cursor` is what every stream had come to before.
 */
export function encodeEntry(index: number, cursor: AuditCursor, { at, stream, seq, subject, message, signed }: NewEntry): Buffer {
  const refused = (): Buffer => Buffer.from(JSON.stringify({ sha256: hash('sha256', message), bytes: message.byteLength }))
  const body = signed ? Buffer.from(message.buffer, message.byteOffset, message.byteLength) : refused()
  // The place comes first, so that a verifier reads it without the message.
  const entry: AuditEntry = {
    log: { index, at, stream, subject, cursor: { ...cursor, [stream]: seq } },
    payloadType: signed?.contentType ?? refusedType,
    payload: body.toString('base64'),
    signatures: signed ? [{ keyid: signed.keyId, sig: Buffer.from(signed.mac, 'hex').toString('base64') }] : []
  }
  return Buffer.from(JSON.stringify(entry))
}

export const parseEntry = (bytes: Uint8Array): AuditEntry => JSON.parse(Buffer.from(bytes).toString()) as AuditEntry

/** The message that an entry keeps; for a refused one what is known of it. */
export const messageOf = ({ payload }: AuditEntry): Buffer => Buffer.from(payload, 'base64')

/** Whether the entry is of a message that did not hold. */
export const isRefused = ({ payloadType }: AuditEntry): boolean => payloadType === refusedType
