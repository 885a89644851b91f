import { generateKeyPairSync, randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { redact, redactFields } from './redact.ts'
import { secretsIn } from './testing.ts'

test.each(secretsIn('Hunter2x'))('no secret stays: %s', (kind, text, secret) => {
  for (const written of [text, `before ${text} after`, JSON.stringify({ msg: text }), JSON.stringify(JSON.stringify({ msg: text }))]) {
    const clean = redact(written)
    expect([kind, clean.includes(secret)]).toEqual([kind, false])
    expect(clean).toContain('***')
    expect(redact(clean)).toBe(clean)
  }
})

test.each([
  'GET http://127.0.0.1:80/x failed',
  "Unexpected token 'o', not valid JSON",
  'password authentication failed for user "shop"',
  'checkout throws 500s since lunch, user@example.com says',
  'deleted product:42 and session:token:42',
  'the token bucket is empty; secrets are not mounted',
  '{"context_tokens":8192,"usage":{"input_tokens":12}}',
  'stop processing: n_tokens = 12, truncated = 0',
  `sha256 ${'ab12'.repeat(16)}`,
  'basic authentication failed',
  'DB_PASSWORD_FILE=/run/secrets/db and {"passphrase_file":"keys.passphrase"}',
  'obs-mo-r0-state-orders-1',
  '{"token":null,"secret":true}',
  'plan-0123456789abcdef inc-20260101-1',
  '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
  `-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEA\n-----END PUBLIC KEY-----`
])('other text stays: %s', (text) => {
  expect(redact(text)).toBe(text)
})

test('a whole private key goes, also when it is cut or logged line by line', () => {
  const { privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' }
  })
  const lines = privateKey.trim().split('\n')
  for (const text of [privateKey, privateKey.slice(0, 400), lines.slice(1, -2).join('\n'), JSON.stringify({ msg: privateKey })]) {
    const clean = redact(text)
    for (const line of lines.slice(1, -2)) expect(clean.includes(line.slice(0, 40))).toBe(false)
  }
  expect(redact(`${privateKey}please help`)).toBe('***\nplease help')
})

test('public keys, hashes and signatures that our messages carry stay as they are', () => {
  const carried = {
    message_sha256: randomBytes(32).toString('hex'),
    signature: randomBytes(64).toString('base64'),
    public_key: randomBytes(32).toString('base64'),
    prev_hash: randomBytes(32).toString('hex'),
    nonce: randomBytes(18).toString('base64url'),
    incident_id: 'inc-20260101-1',
    issued_at: '2026-01-01T12:00:00.000Z'
  }
  expect(redactFields(carried)).toEqual(carried)
})

test('fields that are named after a secret lose what they hold, at any depth; the rest is redacted as text', () => {
  const config = { database: { host: 'db', password: 'x', dsn: 'y' }, api_key: 7, list: ['pwd=x1', { access_token: 'z' }], port: 80 }
  expect(redactFields(config)).toEqual({
    database: { host: 'db', password: '***', dsn: '***' },
    api_key: '***',
    list: ['pwd=***', { access_token: '***' }],
    port: 80
  })
})

/** Pieces that secrets are made of, in any order. */
const pieces = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        'password',
        'token',
        '=',
        ':',
        ': ',
        '"',
        "'",
        '\\"',
        'https://',
        'a:b@',
        '@',
        '***',
        'Bearer ',
        'eyJ',
        '.',
        '-----BEGIN RSA PRIVATE KEY-----',
        '-----END RSA PRIVATE KEY-----',
        '\n',
        'authorization',
        'sk-',
        'api_key',
        '{',
        '}',
        ',',
        ' is '
      ),
      fc.string({ maxLength: 12 })
    ),
    { maxLength: 30 }
  )
  .map((parts) => parts.join(''))

test('law: redacting twice is redacting once', () => {
  fc.assert(
    fc.property(pieces, (text) => {
      expect(redact(redact(text))).toBe(redact(text))
    }),
    { numRuns: 5000 }
  )
})

test('law: JSON stays JSON', () => {
  fc.assert(
    fc.property(
      fc.dictionary(
        fc.constantFrom('password', 'token', 'msg', 'api_key', 'url', 'n'),
        fc.oneof(pieces, fc.integer(), fc.boolean(), fc.constant(null))
      ),
      (value) => {
        expect(() => JSON.parse(redact(JSON.stringify(value)))).not.toThrow()
      }
    ),
    { numRuns: 5000 }
  )
})

test.each([
  'password',
  'a',
  '-',
  'eyJ',
  'a:',
  '://',
  'http://',
  'http://a:',
  '@',
  '"',
  "'",
  '\\',
  '\\"',
  'password=',
  'password="',
  'token: ',
  '-----BEGIN RSA PRIVATE KEY-----',
  'A',
  'Aa',
  'bearer ',
  'SU',
  'xoxb-',
  'cookie:',
  ' ',
  '\n',
  'a.',
  'password is '
])('time grows with the length alone: %s again and again', (piece) => {
  const timeOf = (length: number): number => {
    const text = piece.repeat(Math.ceil(length / piece.length))
    const began = performance.now()
    redact(text)
    return performance.now() - began
  }
  timeOf(20_000)
  // A quadratic pattern takes a minute for this; ours, milliseconds.
  expect(timeOf(256 * 1024)).toBeLessThan(2_000)
})
