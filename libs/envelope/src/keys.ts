import { createHmac } from 'node:crypto'
import { contentType, preAuthenticationEncoding } from './pae.ts'

/** Where the keys of (issuer, audience) pairs come from. */
export interface MessageKeys {
  /** Version that new messages are signed with. */
  readonly current: string
  /** The pair's key of that version, or null when there is none. */
  key(issuer: string, audience: string, version: string): Buffer | null
}

/** What the header Triage-Key says: which key, whose, for whom. A hint until the MAC holds. */
export const keyIdOf = (version: string, issuer: string, audience: string): string => `${version}.${issuer}.${audience}`

/** HMAC-SHA256 over the pre-authentication encoding of the body. */
export const macOf = (key: Buffer, body: Uint8Array): Buffer =>
  createHmac('sha256', key).update(preAuthenticationEncoding(contentType, body)).digest()
