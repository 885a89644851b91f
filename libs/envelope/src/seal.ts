import { Buffer } from 'node:buffer'
import { type DecisionTag, type Envelope, limits, type MessageType, type PayloadByType, TriageError, validPayload } from '@triage/contracts'
import { keyIdOf, type MessageKeys } from './keys.ts'
import { macOf } from './mac.ts'
import { random } from './random.ts'

export interface Outgoing<T extends MessageType> {
  /** A function of what the message says: saying it twice is saying it once. */
  id: string
  type: T
  audience: string
  subject: string
  payload: PayloadByType[T]
  incident_id?: string
  plan_version?: number
  cause?: string
  traceparent?: string
  decision_tag?: DecisionTag
  fence?: number
  /** How long it may be accepted, in milliseconds. */
  ttl_ms?: number
}

export interface SealedMessage {
  body: Uint8Array
  headers: { 'Triage-Mac': string; 'Triage-Key': string }
}

/** A new W3C trace context. */
const newTraceparent = (): string => `00-${random(16, 'hex')}-${random(8, 'hex')}-01`

/** Signs the messages of one process and counts them per audience. `epoch` must never have been used by this role before. */
export class Sealer {
  readonly issuer: string
  readonly epoch: number
  readonly #keys: MessageKeys
  readonly #now: () => number
  readonly #seq = new Map<string, number>()

  constructor(issuer: string, epoch: number, keys: MessageKeys, now: () => number = Date.now) {
    this.issuer = issuer
    this.epoch = epoch
    this.#keys = keys
    this.#now = now
  }

  /** Throws E_MESSAGE_SCHEMA when the payload does not fit its type, E_MESSAGE_TOO_LONG when it is too long. */
  seal<T extends MessageType>(message: Outgoing<T>): SealedMessage {
    const { payload, ttl_ms = limits.message_ttl_ms, traceparent = newTraceparent(), decision_tag = 'DETERMINISTIC', ...rest } = message
    const wrong = validPayload(message.type, payload)
    if (wrong) throw new TriageError('E_MESSAGE_SCHEMA', `${message.type}: ${wrong}`)
    const now = this.#now()
    const seq = (this.#seq.get(message.audience) ?? 0) + 1
    const envelope: Envelope = {
      ...rest,
      issuer: this.issuer,
      epoch: this.epoch,
      seq,
      nonce: random(18, 'base64url'),
      issued_at: new Date(now).toISOString(),
      expires_at: new Date(now + ttl_ms).toISOString(),
      traceparent,
      decision_tag
    }
    const body = Buffer.from(JSON.stringify({ envelope, payload }), 'utf8')
    if (body.byteLength > limits.message_bytes) {
      throw new TriageError('E_MESSAGE_TOO_LONG', `${message.type} has ${body.byteLength} bytes, ${limits.message_bytes} are allowed`)
    }
    const version = this.#keys.current
    const key = this.#keys.key(this.issuer, message.audience, version, now)
    if (!key) throw new TriageError('E_MESSAGE_KEY', `there is no key for ${this.issuer} to ${message.audience}`)
    this.#seq.set(message.audience, seq)
    return {
      body,
      headers: {
        'Triage-Mac': macOf(key, body),
        'Triage-Key': keyIdOf(version, this.issuer, message.audience)
      }
    }
  }
}
