// What a thief of keys can write: the message format once more, so that it can be bent where the library would refuse to.
import { Buffer } from 'node:buffer'
import { createHmac, type KeyObject, randomBytes } from 'node:crypto'
import type { Envelope } from '@triage/contracts'
import type { MessageKeys } from '@triage/envelope'

/** A message as it goes over the wire. */
export interface Wire {
  subject: string
  body: Uint8Array
  headers: Record<string, string>
}

/** What a good message of the kind under attack says. */
export interface Speech {
  subject: string
  type: string
  issuer: string
  audience: string
  payload: unknown
  incident_id?: string
  fence?: number
}

const contentType = 'application/vnd.triage.message.v1+json'

/** HMAC-SHA256 over the DSSE pre-authentication encoding, hex. */
export const mac = (key: KeyObject | Uint8Array, body: Uint8Array): string =>
  createHmac('sha256', key).update(`DSSEv1 ${contentType.length} ${contentType} ${body.length} `).update(body).digest('hex')

/** Signs one pair's messages, whatever they say. */
export class Thief {
  readonly keys: MessageKeys
  readonly speech: Speech
  /** Above every life that a real process has had, so that nothing of it was seen before. */
  epoch = 1_000_000
  #seq = 0

  constructor(keys: MessageKeys, speech: Speech) {
    this.keys = keys
    this.speech = speech
  }

  /** The envelope of the next good message. */
  envelope(changes: Partial<Envelope> = {}): Envelope {
    const { payload: _, ...speech } = this.speech
    const now = Date.now()
    return {
      ...speech,
      id: `thief:${this.epoch}:${++this.#seq}`,
      epoch: this.epoch,
      seq: this.#seq,
      nonce: randomBytes(18).toString('base64url'),
      issued_at: new Date(now).toISOString(),
      expires_at: new Date(now + 60_000).toISOString(),
      traceparent: `00-${randomBytes(16).toString('hex')}-${randomBytes(8).toString('hex')}-01`,
      decision_tag: 'DETERMINISTIC',
      ...changes
    } as Envelope
  }

  /** Any bytes, signed with the pair's key, or with another pair's. */
  sign(content: string | Uint8Array, { issuer = this.speech.issuer, audience = this.speech.audience } = {}): Wire {
    const body = Buffer.from(content as string)
    const key = this.keys.key(issuer, audience, this.keys.current, Date.now())!
    return {
      subject: this.speech.subject,
      body,
      headers: { 'Triage-Mac': mac(key, body), 'Triage-Key': `${this.keys.current}.${issuer}.${audience}` }
    }
  }

  /** A good message, changed where the thief wants it. */
  write(changes: Partial<Envelope> = {}, payload: unknown = this.speech.payload): Wire {
    return this.sign(JSON.stringify({ envelope: this.envelope(changes), payload }))
  }
}
