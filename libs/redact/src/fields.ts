import { mark } from './patterns.ts'
import { redact } from './text.ts'

/** Fields that are secret whatever they hold. */
const secret =
  /^(?:pass(?:word|wd|phrase)|pwd|(?:client_?)?secret|(?:api|access|auth|private|signing)_?key|.*_token|token|authorization|cookie|credentials?|connection_?string|database_url|dsn)$/i
/**
 * Fields of our contracts that are exact or nothing: ids, hashes, times, signatures and public keys. Their schemas leave no room
 * for anything else.
 */
const exact = /^(?:.*_)?(?:id|sha256|hash|sha|at|key_?id|keyid|nonce|epoch|signature|sig|public_key|traceparent|checkpoint|proof|root)$/

/** A copy of plain data in which every text is redacted, and what a secret field holds is gone. Bounded by what it is given. */
export function redactFields<T>(value: T): T {
  if (typeof value === 'string') return redact(value) as T
  if (Array.isArray(value)) return value.map(redactFields) as T
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, redactField(name, inner)])) as T
}

function redactField(name: string, value: unknown): unknown {
  const isText = typeof value === 'string' || typeof value === 'number'
  if (isText && secret.test(name)) return mark
  return isText && exact.test(name) ? value : redactFields(value)
}
