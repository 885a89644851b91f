import { Buffer } from 'node:buffer'
import { createHmac, createSecretKey, randomBytes } from 'node:crypto'
import { limits, type TriageError } from '@triage/contracts'
import fc from 'fast-check'
import { expect, test, vi } from 'vitest'
import { type MessageKeys, openMessage, preAuthenticationEncoding, ReplayGuard, type SealedMessage, Sealer } from './envelope.ts'
import { macHolds, macOf } from './mac.ts'
import { contentType } from './pae.ts'

const root = randomBytes(32)
const keys: MessageKeys = {
  current: 'k1',
  key: (issuer, audience, version) =>
    version === 'k1' ? createSecretKey(Buffer.from(`${root.toString('hex')}${issuer}${audience}`)) : null
}
const subject = 'incident.inc-20260101-1.plan-accepted'
const now = Date.parse('2026-01-01T12:00:00.000Z')
const payload = { plan_id: 'plan-0123456789abcdef', plan_version: 1 }
const draft = { id: 'm1', type: 'incident.plan-accepted.v1' as const, audience: 'swarm', subject, payload, incident_id: 'inc-20260101-1' }
const context = (changes = {}) => ({ subject, keys, audiences: ['swarm'], replay: new ReplayGuard(), now, position: 1, ...changes })
const header = (message: SealedMessage) => (name: string) => message.headers[name as keyof SealedMessage['headers']] ?? ''
const sealer = (issuer = 'scheduler') => new Sealer(issuer, 1, keys, () => now)
const codeOf = (act: () => unknown): string => {
  try {
    act()
  } catch (error) {
    return (error as TriageError).code
  }
  return 'accepted'
}
/** A message with any body, signed with the right key: what a compromised member could send. */
const signed = (body: string, issuer = 'scheduler', audience = 'swarm'): SealedMessage => {
  const bytes = Buffer.from(body)
  return {
    body: bytes,
    headers: { 'Triage-Mac': macOf(keys.key(issuer, audience, 'k1', now)!, bytes), 'Triage-Key': `k1.${issuer}.${audience}` }
  }
}

test('the pre-authentication encoding is that of the DSSE specification', () => {
  const encoded = preAuthenticationEncoding('http://example.com/HelloWorld', Buffer.from('hello world'))
  expect(encoded.toString()).toBe('DSSEv1 29 http://example.com/HelloWorld 11 hello world')
})

test('law: the MAC is the HMAC-SHA256 of node:crypto over that encoding, whatever the lengths of key and body', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 200 }), fc.uint8Array({ maxLength: 3000 }), (secret, body) => {
      const expected = createHmac('sha256', secret).update(preAuthenticationEncoding(contentType, body)).digest('hex')
      expect(macOf(createSecretKey(secret), body)).toBe(expected)
      expect(macHolds(expected, createSecretKey(secret), body)).toBe(true)
    })
  )
})

test('what is sealed opens with the same content', () => {
  const message = sealer().seal(draft)
  const opened = openMessage(message.body, header(message), context())
  expect(opened.payload).toEqual(payload)
  expect(opened.envelope).toMatchObject({
    issuer: 'scheduler',
    audience: 'swarm',
    subject,
    seq: 1,
    epoch: 1,
    decision_tag: 'DETERMINISTIC'
  })
  expect(opened.redelivered).toBe(false)
})

test('numbers rise per audience', () => {
  const from = sealer()
  const numbers = ['swarm', 'swarm', 'planner', 'swarm'].map(
    (audience) => JSON.parse(Buffer.from(from.seal({ ...draft, audience }).body).toString()).envelope.seq
  )
  expect(numbers).toEqual([1, 2, 1, 3])
})

test('a payload that does not fit its type is not sealed', () => {
  expect(codeOf(() => sealer().seal({ ...draft, payload: { plan_id: 'x', plan_version: 0 } }))).toBe('E_MESSAGE_SCHEMA')
})

test('any flipped bit of body, MAC or key id is refused', () => {
  const message = sealer().seal(draft)
  fc.assert(
    fc.property(fc.nat(message.body.length * 8 - 1), (bit) => {
      const body = Uint8Array.from(message.body)
      body[bit >> 3]! ^= 1 << (bit & 7)
      expect(codeOf(() => openMessage(body, header(message), context()))).toBe('E_MESSAGE_MAC')
    })
  )
  for (const name of ['Triage-Mac', 'Triage-Key'] as const) {
    fc.assert(
      fc.property(fc.nat(message.headers[name].length - 1), fc.constantFrom(...'0123456789abcdefz.'), (at, char) => {
        const altered = message.headers[name].slice(0, at) + char + message.headers[name].slice(at + 1)
        fc.pre(altered !== message.headers[name])
        const changed = { ...message, headers: { ...message.headers, [name]: altered } }
        expect(codeOf(() => openMessage(message.body, header(changed), context()))).not.toBe('accepted')
      })
    )
  }
})

test('each check has its code', () => {
  const message = sealer().seal(draft)
  const open = (changes: object, of = message) => codeOf(() => openMessage(of.body, header(of), context(changes)))
  expect(open({})).toBe('accepted')
  expect(open({}, { ...message, headers: { 'Triage-Mac': '', 'Triage-Key': '' } })).toBe('E_MESSAGE_UNSIGNED')
  expect(open({}, { ...message, body: Buffer.alloc(limits.message_bytes + 1) })).toBe('E_MESSAGE_TOO_LONG')
  expect(open({ audiences: ['planner'] })).toBe('E_MESSAGE_MISDIRECTED')
  expect(open({ subject: 'incident.inc-20260101-2.plan-accepted' })).toBe('E_MESSAGE_MISDIRECTED')
  expect(open({ subject: 'incident.inc-20260101-1.opened' })).toBe('E_MESSAGE_KEY')
  expect(open({}, sealer('planner').seal(draft))).toBe('E_MESSAGE_KEY')
  expect(open({ now: now + limits.message_ttl_ms + limits.clock_skew_ms + 1 })).toBe('E_MESSAGE_EXPIRED')
  expect(open({ now: now - limits.clock_skew_ms - 1 })).toBe('E_MESSAGE_EXPIRED')
  expect(open({ fence: 7 })).toBe('E_MESSAGE_FENCED')
  expect(open({}, { ...message, headers: { ...message.headers, 'Triage-Key': 'k9.scheduler.swarm' } })).toBe('E_MESSAGE_KEY')
})

test('a receiver whose clock jumped refuses, and says by how much it is off', () => {
  const message = sealer().seal(draft)
  const open = (jump: number) => () => openMessage(message.body, header(message), context({ now: now + jump }))
  for (const jump of [-limits.clock_skew_ms, 0, limits.message_ttl_ms + limits.clock_skew_ms]) expect(codeOf(open(jump))).toBe('accepted')
  expect(open(-6_000)).toThrow(/issued in the future.* the clock is off by 6 s/)
  expect(open(3_600_000)).toThrow(/expired at .*, or the clock is off by 3600 s/)
  for (const jump of [-6_000, 3_600_000]) expect(codeOf(open(jump))).toBe('E_MESSAGE_EXPIRED')
})

test.each(['seq', 'epoch', 'fence'])('a %s so large that the next number is the same number is refused', (name) => {
  const { envelope } = JSON.parse(Buffer.from(sealer().seal(draft).body).toString()) as { envelope: object }
  const of = (value: number) => signed(JSON.stringify({ envelope: { ...envelope, [name]: value }, payload }))
  const open = (value: number) => codeOf(() => openMessage(of(value).body, header(of(value)), context()))
  expect([Number.MAX_SAFE_INTEGER, 2 ** 53, 2 ** 64, 1e300].map(open)).toEqual(['accepted', ...Array(3).fill('E_MESSAGE_SCHEMA')])
})

test('what a reader could understand in two ways is refused even when its MAC holds', () => {
  const text = Buffer.from(sealer().seal(draft).body).toString()
  const open = (body: string) => codeOf(() => openMessage(signed(body).body, header(signed(body)), context()))
  expect(open(text)).toBe('accepted')
  expect(open(text.replace('"payload":', '"payload":{},"payload":'))).toBe('E_MESSAGE_JSON')
  expect(open(text.replace('"plan_version":1', '"plan_version":1,"plan_\\u0076ersion":2'))).toBe('E_MESSAGE_JSON')
  expect(open(text.replace('"payload":{', '"payload":{"__proto__":{},'))).toBe('E_MESSAGE_JSON')
  expect(open(`${'['.repeat(40)}${']'.repeat(40)}`)).toBe('E_MESSAGE_JSON')
  expect(open('{"envelope":')).toBe('E_MESSAGE_JSON')
  expect(open('[]')).toBe('E_MESSAGE_SCHEMA')
  expect(open(text.replace('"payload":{', '"payload":{"extra":1,'))).toBe('E_MESSAGE_SCHEMA')
  expect(open(text.replace('"plan_version":1', '"plan_version":1e400'))).toBe('E_MESSAGE_SCHEMA')
})

test('nothing is parsed before the MAC holds', () => {
  using parse = vi.spyOn(JSON, 'parse')
  const message = sealer().seal(draft)
  const header = (mac: string, key: string) => (name: string) => ({ 'Triage-Mac': mac, 'Triage-Key': key })[name] ?? ''
  const { 'Triage-Mac': mac, 'Triage-Key': key } = message.headers
  fc.assert(
    fc.property(
      fc.oneof(fc.constant(message.body), fc.uint8Array({ maxLength: 4096 }), fc.json().map(Buffer.from)),
      fc.constantFrom(mac, mac.slice(2), `${mac}00`, mac.toUpperCase().replace(/[0-9]/g, 'f'), '', 'zz'),
      fc.constantFrom(key, 'k9.scheduler.swarm', 'k1.planner.swarm', 'k1.scheduler.nobody', '__proto__.constructor.x', '...', ''),
      (body, givenMac, givenKey) => {
        fc.pre(body !== message.body || givenMac !== mac || givenKey !== key)
        const code = codeOf(() => openMessage(body, header(givenMac, givenKey), context()))
        expect(code).toMatch(/^E_MESSAGE_(UNSIGNED|KEY|MISDIRECTED|MAC)$/)
      }
    )
  )
  expect(parse).not.toHaveBeenCalled()
  expect(codeOf(() => openMessage(message.body, header(mac, key), context()))).toBe('accepted')
  expect(parse).toHaveBeenCalled()
})

test('of several faults the first in the order of the checks is told', () => {
  const late = { now: now + limits.message_ttl_ms + limits.clock_skew_ms + 1, fence: 7 }
  const text = Buffer.from(sealer().seal(draft).body).toString()
  const otherSubject = 'incident.inc-20260101-2.plan-accepted'
  const huge = Buffer.alloc(limits.message_bytes + 1)
  const used = new ReplayGuard()
  used.take('scheduler', 'swarm', 1, 1)
  const open = (message: SealedMessage, changes: object) =>
    codeOf(() => openMessage(message.body, header(message), context({ ...changes, replay: used, position: undefined })))
  const foreign = { 'Triage-Mac': '00', 'Triage-Key': 'k1.planner.swarm' }
  expect(open({ body: huge, headers: foreign }, { ...late, subject: otherSubject })).toBe('E_MESSAGE_TOO_LONG')
  expect(open({ body: Buffer.from('{'), headers: foreign }, { ...late, subject: otherSubject })).toBe('E_MESSAGE_KEY')
  expect(open({ ...signed('{'), body: Buffer.from('{ ') }, { ...late, subject: otherSubject })).toBe('E_MESSAGE_MAC')
  expect(open(signed('{'), { ...late, subject: otherSubject })).toBe('E_MESSAGE_JSON')
  expect(open(signed(text.replace('"plan_version":1', '"plan_version":0')), { ...late, subject: otherSubject })).toBe('E_MESSAGE_SCHEMA')
  expect(open(signed(text), { ...late, subject: otherSubject })).toBe('E_MESSAGE_MISDIRECTED')
  expect(open(signed(text), late)).toBe('E_MESSAGE_EXPIRED')
  expect(open(signed(text), { fence: 7 })).toBe('E_MESSAGE_FENCED')
  expect(open(signed(text), {})).toBe('E_MESSAGE_REPLAYED')
})

test('a message that would live longer than anybody remembers it is refused', () => {
  const open = (ttl_ms: number): string => {
    const message = sealer().seal({ ...draft, ttl_ms })
    return codeOf(() => openMessage(message.body, header(message), context()))
  }
  expect(open(limits.message_ttl_max_ms)).toBe('accepted')
  expect(open(limits.message_ttl_max_ms + 1)).toBe('E_MESSAGE_EXPIRED')
})

test('a second delivery from the same place is a redelivery, from another a replay', () => {
  const message = sealer().seal(draft)
  const replay = new ReplayGuard()
  const open = (position?: number) => openMessage(message.body, header(message), context({ replay, position }))
  expect(open(5).redelivered).toBe(false)
  expect(open(5).redelivered).toBe(true)
  expect(codeOf(() => open(6))).toBe('E_MESSAGE_REPLAYED')
  expect(codeOf(() => open(undefined))).toBe('E_MESSAGE_REPLAYED')
})

test('law: the window accepts each number once, whatever the order, and nothing that fell out of it', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 3000 }), { maxLength: 400 }), (numbers) => {
      const guard = new ReplayGuard()
      const accepted = new Set<number>()
      let top = 0
      for (const seq of numbers) {
        const verdict = guard.take('a', 'b', 1, seq)
        expect(verdict).toBe(accepted.has(seq) || seq <= top - limits.replay_window ? 'replayed' : 'new')
        if (verdict === 'new') accepted.add(seq)
        top = Math.max(top, seq)
      }
    })
  )
})

test('epochs and audiences have windows of their own', () => {
  const guard = new ReplayGuard()
  expect([guard.take('a', 'b', 1, 1), guard.take('a', 'b', 2, 1), guard.take('a', 'c', 1, 1), guard.take('a', 'b', 1, 1)]).toEqual([
    'new',
    'new',
    'new',
    'replayed'
  ])
})
