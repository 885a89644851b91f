import { Buffer } from 'node:buffer'
import {
  checkSchema,
  type Envelope,
  limits,
  type MessageType,
  type PayloadByType,
  TriageError,
  typesOn,
  validPayload,
  writersOf
} from '@triage/contracts'
import type { MessageKeys } from './keys.ts'
import { macHolds } from './mac.ts'
import type { ReplayGuard, Verdict } from './replay-guard.ts'
import { parseStrict } from './strict-json.ts'

export interface ReceivedMessage<T extends MessageType = MessageType> {
  envelope: Envelope & { type: T }
  payload: PayloadByType[T]
  /** Delivered before from the same place in its stream. Handlers are idempotent; nothing is refused. */
  redelivered: boolean
}

interface OpenContext {
  /** The subject that the message came on. */
  subject: string
  keys: MessageKeys
  /** The audiences that this process belongs to. */
  audiences: readonly string[]
  replay: ReplayGuard
  /** Milliseconds since the epoch. For a stored fact: when the stream took it in; it was fresh then or it was not. */
  now: number
  /** Sequence number in its stream, for a stored message. */
  position?: number
  /** Commands: the highest fencing token seen. */
  fence?: number
  /** What no stream keeps: when this process started. Milliseconds since the epoch. */
  since?: number
}

const refuse = (code: ConstructorParameters<typeof TriageError>[0], why: string): never => {
  throw new TriageError(code, why)
}

/** The pair that the key id names, when its issuer may speak on the subject and its audience is ours. */
function pairOf(keyId: string, { subject, audiences }: OpenContext): { version: string; issuer: string; audience: string } {
  const [version = '', issuer = '', audience = '', ...more] = keyId.split('.')
  const allowed = typesOn(subject).some((type) => writersOf(type, subject).includes(issuer))
  if (more.length || !allowed) refuse('E_MESSAGE_KEY', `a key of ${issuer.slice(0, 64)} is not allowed on ${subject}`)
  if (!audiences.includes(audience)) refuse('E_MESSAGE_MISDIRECTED', `for ${audience.slice(0, 64)}, not for ${audiences.join(' or ')}`)
  return { version, issuer, audience }
}

function authenticate(body: Uint8Array, mac: string, keyId: string, context: OpenContext): { issuer: string; audience: string } {
  const { version, issuer, audience } = pairOf(keyId, context)
  const key =
    context.keys.key(issuer, audience, version, context.now) ??
    refuse('E_MESSAGE_KEY', `there is no key ${version.slice(0, 16)}, or it had retired`)
  if (!macHolds(mac, key, body)) refuse('E_MESSAGE_MAC', 'the MAC does not hold')
  return { issuer, audience }
}

function fits(body: Uint8Array): { envelope: Envelope; payload: unknown } {
  const message = parseStrict(Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8')) as {
    envelope: Envelope
    payload: unknown
  }
  const keys = typeof message === 'object' && message !== null ? Object.keys(message).join() : ''
  if (keys !== 'envelope,payload') refuse('E_MESSAGE_SCHEMA', 'not an object of envelope and payload')
  const wrong = checkSchema('envelope', message.envelope) ?? validPayload(message.envelope.type, message.payload)
  if (wrong) refuse('E_MESSAGE_SCHEMA', wrong)
  return message
}

function directed(envelope: Envelope, pair: { issuer: string; audience: string }, subject: string): void {
  const ok =
    envelope.subject === subject &&
    envelope.issuer === pair.issuer &&
    envelope.audience === pair.audience &&
    writersOf(envelope.type, subject).includes(pair.issuer)
  if (!ok) refuse('E_MESSAGE_MISDIRECTED', `signed for another subject, issuer, audience or type than it came with`)
}

const apart = (ms: number): string => `${Math.round(ms / 1000)} s`

function fresh(envelope: Envelope, now: number): void {
  if (Date.parse(envelope.expires_at) + limits.clock_skew_ms < now)
    refuse('E_MESSAGE_EXPIRED', `expired at ${envelope.expires_at}, or the clock is off by ${apart(now - Date.parse(envelope.issued_at))}`)
  if (Date.parse(envelope.issued_at) - limits.clock_skew_ms > now)
    refuse(
      'E_MESSAGE_EXPIRED',
      `issued in the future, at ${envelope.issued_at}: the clock is off by ${apart(Date.parse(envelope.issued_at) - now)}`
    )
  if (Date.parse(envelope.expires_at) - Date.parse(envelope.issued_at) > limits.message_ttl_max_ms)
    refuse('E_MESSAGE_EXPIRED', `it would live until ${envelope.expires_at}: longer than anybody remembers it`)
}

/**
 * Opens a message, or throws a TriageError that says why not. In this order: size, key, MAC, parsing, schema, direction,
 * freshness, fence, replay. Nothing of the content is looked at before the MAC holds; the replay window moves last.
 */
export function openMessage(body: Uint8Array, header: (name: string) => string, context: OpenContext): ReceivedMessage {
  if (body.byteLength > limits.message_bytes) refuse('E_MESSAGE_TOO_LONG', `${body.byteLength} bytes`)
  const mac = header('Triage-Mac')
  const keyId = header('Triage-Key')
  if (!mac || !keyId) refuse('E_MESSAGE_UNSIGNED', 'no Triage-Mac or no Triage-Key header')
  const pair = authenticate(body, mac, keyId, context)
  const { envelope, payload } = fits(body)
  directed(envelope, pair, context.subject)
  fresh(envelope, context.now)
  if (context.fence !== undefined && (envelope.fence ?? 0) < context.fence)
    refuse('E_MESSAGE_FENCED', `fence ${envelope.fence}, ${context.fence} was seen`)
  if (context.since !== undefined && Date.parse(envelope.issued_at) < context.since)
    refuse('E_MESSAGE_REPLAYED', 'issued before this process started, which does not know what it heard before')
  const verdict: Verdict = context.replay.take(envelope.issuer, envelope.audience, envelope.epoch, envelope.seq, context.position)
  if (verdict === 'replayed') refuse('E_MESSAGE_REPLAYED', `number ${envelope.seq} of ${envelope.issuer} epoch ${envelope.epoch}`)
  return { envelope, payload, redelivered: verdict === 'redelivered' } as ReceivedMessage
}
