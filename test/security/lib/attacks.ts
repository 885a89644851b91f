// Messages that must not be believed, each with the code of its refusal.
import { Buffer } from 'node:buffer'
import { createHmac, hash } from 'node:crypto'
import { limits, roles } from '@triage/contracts'
import { mac, type Thief, type Wire } from './thief.ts'

interface Attack {
  name: string
  /** The code it is refused with. */
  code: string
  make(thief: Thief): Wire
}

const withHeaders = (wire: Wire, headers: Record<string, string>): Wire => ({ ...wire, headers: { ...wire.headers, ...headers } })
const without = (wire: Wire, name: string): Wire => ({
  ...wire,
  headers: Object.fromEntries(Object.entries(wire.headers).filter(([header]) => header !== name))
})
const withBody = (wire: Wire, body: Uint8Array): Wire => ({ ...wire, body })
const flipped = (body: Uint8Array, at: number, mask: number): Uint8Array => {
  const copy = Buffer.from(body)
  copy[at]! ^= mask
  return copy
}
const part = (body: Uint8Array, share: number): number => Math.min(body.length - 1, Math.floor(body.length * share))
const times = <T>(n: number, make: (i: number) => T): T[] => Array.from({ length: n }, (_, i) => make(i))
const ago = (ms: number): string => new Date(Date.now() - ms).toISOString()

const forged: Attack[] = [
  { name: 'no header at all', code: 'E_MESSAGE_UNSIGNED', make: (thief) => ({ ...thief.write(), headers: {} }) },
  { name: 'no MAC', code: 'E_MESSAGE_UNSIGNED', make: (thief) => without(thief.write(), 'Triage-Mac') },
  { name: 'no key id', code: 'E_MESSAGE_UNSIGNED', make: (thief) => without(thief.write(), 'Triage-Key') },
  { name: 'an empty MAC', code: 'E_MESSAGE_UNSIGNED', make: (thief) => withHeaders(thief.write(), { 'Triage-Mac': '' }) },
  { name: 'a MAC of zeros', code: 'E_MESSAGE_MAC', make: (thief) => withHeaders(thief.write(), { 'Triage-Mac': '00'.repeat(32) }) },
  { name: 'half a MAC', code: 'E_MESSAGE_MAC', make: (thief) => halfMac(thief.write()) },
  { name: 'a MAC and more', code: 'E_MESSAGE_MAC', make: (thief) => longMac(thief.write()) },
  { name: 'a MAC that is no hex', code: 'E_MESSAGE_MAC', make: (thief) => withHeaders(thief.write(), { 'Triage-Mac': 'zz'.repeat(32) }) },
  { name: 'the MAC of another message', code: 'E_MESSAGE_MAC', make: (thief) => withHeaders(thief.write(), thief.write().headers) },
  { name: 'a plain hash for a MAC', code: 'E_MESSAGE_MAC', make: hashed },
  { name: 'a MAC under a key of nothing', code: 'E_MESSAGE_MAC', make: (thief) => macUnder(thief, Buffer.alloc(32)) },
  { name: 'a MAC under a short key', code: 'E_MESSAGE_MAC', make: (thief) => macUnder(thief, Buffer.from('triage')) },
  { name: 'a MAC over the bare body', code: 'E_MESSAGE_MAC', make: bare },
  {
    name: 'a version that nobody has',
    code: 'E_MESSAGE_KEY',
    make: (thief) => keyId(thief, ({ issuer, audience }) => `k999.${issuer}.${audience}`)
  },
  {
    name: 'a version of the prototype',
    code: 'E_MESSAGE_KEY',
    make: (thief) => keyId(thief, ({ issuer, audience }) => `__proto__.${issuer}.${audience}`)
  },
  {
    name: 'a key id with a part too many',
    code: 'E_MESSAGE_KEY',
    make: (thief) => keyId(thief, ({ issuer, audience }) => `k1.${issuer}.${audience}.x`)
  },
  { name: 'a key id of one word', code: 'E_MESSAGE_KEY', make: (thief) => keyId(thief, () => 'k1') },
  {
    name: 'a key id for another audience',
    code: 'E_MESSAGE_MISDIRECTED',
    make: (thief) => keyId(thief, ({ issuer }) => `${thief.keys.current}.${issuer}.nobody`)
  }
]

function halfMac(wire: Wire): Wire {
  return withHeaders(wire, { 'Triage-Mac': wire.headers['Triage-Mac']!.slice(0, 32) })
}
function longMac(wire: Wire): Wire {
  return withHeaders(wire, { 'Triage-Mac': `${wire.headers['Triage-Mac']}00` })
}
function hashed(thief: Thief): Wire {
  const wire = thief.write()
  return withHeaders(wire, { 'Triage-Mac': hash('sha256', wire.body) })
}
function macUnder(thief: Thief, key: Uint8Array): Wire {
  const wire = thief.write()
  return withHeaders(wire, { 'Triage-Mac': mac(key, wire.body) })
}
function bare(thief: Thief): Wire {
  const wire = thief.write()
  const { issuer, audience } = thief.speech
  const key = thief.keys.key(issuer, audience, thief.keys.current, Date.now())!
  return withHeaders(wire, { 'Triage-Mac': createHmac('sha256', key).update(wire.body).digest('hex') })
}
function keyId(thief: Thief, id: (speech: Thief['speech']) => string): Wire {
  return withHeaders(thief.write(), { 'Triage-Key': id(thief.speech) })
}

/** Roles that may not say it, each with its own good key. */
const impostors = (writers: readonly string[]): Attack[] =>
  roles
    .filter((role) => !writers.includes(role))
    .map((issuer) => ({
      name: `said by the ${issuer}`,
      code: 'E_MESSAGE_KEY',
      make: (thief) => thief.sign(JSON.stringify({ envelope: thief.envelope({ issuer }), payload: thief.speech.payload }), { issuer })
    }))

const altered: Attack[] = [
  ...times(10, (i) => ({
    name: `a bit flipped after ${i * 10} % of the body`,
    code: 'E_MESSAGE_MAC',
    make: (thief: Thief) => {
      const wire = thief.write()
      return withBody(wire, flipped(wire.body, part(wire.body, i / 10), 1 << (i % 7)))
    }
  })),
  ...times(8, (i) => ({
    name: `cut after ${i * 12} % of the body`,
    code: 'E_MESSAGE_MAC',
    make: (thief: Thief) => {
      const wire = thief.write()
      return withBody(wire, wire.body.subarray(0, part(wire.body, i * 0.12)))
    }
  })),
  { name: 'a space more', code: 'E_MESSAGE_MAC', make: (thief) => lengthened(thief.write(), ' ') },
  { name: 'a second message behind it', code: 'E_MESSAGE_MAC', make: (thief) => lengthened(thief.write(), thief.write().body) },
  { name: 're-serialised with spaces', code: 'E_MESSAGE_MAC', make: (thief) => reserialised(thief.write()) },
  { name: 'longer than allowed', code: 'E_MESSAGE_TOO_LONG', make: (thief) => thief.sign(Buffer.alloc(limits.message_bytes + 1, 32)) }
]

function lengthened(wire: Wire, more: string | Uint8Array): Wire {
  return withBody(wire, Buffer.concat([wire.body, Buffer.from(more as string)]))
}
function reserialised(wire: Wire): Wire {
  return withBody(wire, Buffer.from(JSON.stringify(JSON.parse(Buffer.from(wire.body).toString()), null, 1)))
}

/** Signed by who may sign it, and still not what two readers would understand alike. */
const malformed: Attack[] = (
  [
    ['no JSON', () => 'hello'],
    ['no UTF-8', () => Buffer.from([0x7b, 0xff, 0xfe, 0x7d])],
    ['a byte order mark', (good) => `\uFEFF${good}`],
    ['nothing after the half', (good) => good.slice(0, good.length / 2)],
    ['a doubled envelope', (good) => good.replace('{"envelope":', '{"envelope":{},"envelope":')],
    ['a doubled key in the envelope', (good) => good.replace('"issuer":', '"issuer":"monitor","issuer":')],
    ['a doubled key, once escaped', (good) => good.replace('"issuer":', '"\\u0069ssuer":"monitor","issuer":')],
    ['a doubled key deep in the payload', (good) => good.replace('"payload":{', '"payload":{"a":{"b":1,"b":2},')],
    ['__proto__', (good) => good.replace('"payload":{', '"payload":{"__proto__":{"admin":true},')],
    ['__proto__, escaped', (good) => good.replace('"payload":{', '"payload":{"__pr\\u006fto__":{"admin":true},')],
    ['constructor', (good) => good.replace('"payload":{', '"payload":{"constructor":{"prototype":{}},')],
    ['an array nested deeply', (good) => good.replace('"payload":{', `"payload":{"deep":${'['.repeat(5000)}${']'.repeat(5000)},`)],
    ['objects nested deeply', (good) => good.replace('"payload":{', `"payload":{"deep":${'{"a":'.repeat(2000)}1${'}'.repeat(2000)},`)]
  ] as [string, (good: string) => string | Uint8Array][]
).map(([name, bend]) => ({
  name,
  code: 'E_MESSAGE_JSON',
  make: (thief) => thief.sign(bend(Buffer.from(thief.write().body).toString()))
}))

const misshapen: Attack[] = (
  [
    ['null', () => null],
    ['an array', (good) => [good]],
    ['a number', () => 1],
    ['no payload', ({ envelope }) => ({ envelope })],
    ['no envelope', ({ payload }) => ({ payload })],
    ['a third part', (good) => ({ ...good, extra: 1 })],
    ['a field more in the envelope', ({ envelope, payload }) => ({ envelope: { ...envelope, admin: true }, payload })],
    ['a field more in the payload', ({ envelope, payload }) => ({ envelope, payload: { ...payload, shell: 'rm -rf /' } })],
    ['an empty payload', ({ envelope }) => ({ envelope, payload: {} })],
    ['a payload of null', ({ envelope }) => ({ envelope, payload: null })],
    ['a number of zero', ({ envelope, payload }) => ({ envelope: { ...envelope, seq: 0 }, payload })],
    ['a number of 2^64', ({ envelope, payload }) => ({ envelope: { ...envelope, seq: 2 ** 64 }, payload })],
    ['an epoch below one', ({ envelope, payload }) => ({ envelope: { ...envelope, epoch: -1 }, payload })],
    ['a time that is none', ({ envelope, payload }) => ({ envelope: { ...envelope, expires_at: 'never' }, payload })],
    ['a type that nobody knows', ({ envelope, payload }) => ({ envelope: { ...envelope, type: 'incident.cured.v1' }, payload })],
    [
      'a version that nobody knows',
      ({ envelope, payload }) => ({ envelope: { ...envelope, type: envelope.type.replace('v1', 'v9') }, payload })
    ]
  ] as [string, (good: { envelope: { type: string }; payload: object }) => unknown][]
).map(([name, bend]) => ({
  name,
  code: 'E_MESSAGE_SCHEMA',
  make: (thief) => thief.sign(JSON.stringify(bend(JSON.parse(Buffer.from(thief.write().body).toString()))))
}))

const misdirected: Attack[] = [
  {
    name: 'an envelope for another audience than its key',
    code: 'E_MESSAGE_MISDIRECTED',
    make: (thief) => thief.write({ audience: 'gateway' })
  },
  {
    name: 'an envelope of another issuer than its key',
    code: 'E_MESSAGE_MISDIRECTED',
    make: (thief) => thief.write({ issuer: 'injector' })
  },
  {
    name: 'signed for another subject',
    code: 'E_MESSAGE_MISDIRECTED',
    make: (thief) => thief.write({ subject: `${thief.speech.subject}x` })
  },
  { name: 'signed for the audit log', code: 'E_MESSAGE_MISDIRECTED', make: (thief) => thief.write({ subject: 'audit.log' }) },
  { name: 'signed for a reply', code: 'E_MESSAGE_MISDIRECTED', make: (thief) => thief.write({ subject: '_INBOX_operator.1' }) }
]

const untimely: Attack[] = [
  {
    name: 'expired a minute ago',
    code: 'E_MESSAGE_EXPIRED',
    make: (thief) => thief.write({ issued_at: ago(180_000), expires_at: ago(60_000) })
  },
  { name: 'expired in 1970', code: 'E_MESSAGE_EXPIRED', make: (thief) => thief.write({ expires_at: '1970-01-01T00:00:00.000Z' }) },
  {
    name: 'issued in an hour',
    code: 'E_MESSAGE_EXPIRED',
    make: (thief) => thief.write({ issued_at: ago(-3_600_000), expires_at: ago(-3_700_000) })
  },
  {
    name: 'issued in a hundred years',
    code: 'E_MESSAGE_EXPIRED',
    make: (thief) => thief.write({ issued_at: '2126-01-01T00:00:00.000Z', expires_at: '2126-01-02T00:00:00.000Z' })
  },
  { name: 'good for a year', code: 'E_MESSAGE_EXPIRED', make: (thief) => thief.write({ expires_at: ago(-365 * 86_400_000) }) },
  {
    name: 'just beyond the skew',
    code: 'E_MESSAGE_EXPIRED',
    make: (thief) => thief.write({ expires_at: ago(limits.clock_skew_ms + 1000) })
  }
]

/** What is tried on every kind of message. @param writers roles that may say it */
export const attacks = (writers: readonly string[]): Attack[] => [
  ...forged,
  ...impostors(writers),
  ...altered,
  ...malformed,
  ...misshapen,
  ...misdirected,
  ...untimely
]
