// Secrets of every kind to plant in tests: [kind, text that holds it, the part that must not be found again].
type Planted = [kind: string, text: string, secret: string]

const letters = (seed: string, length: number, alphabet: string): string =>
  Array.from({ length }, (_, i) => alphabet[(seed.charCodeAt(i % seed.length) + i * 7) % alphabet.length]).join('')
const base32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
const base62 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'

/** @param seed makes them differ from those of other places; at least one digit */
export function secretsIn(seed: string): Planted[] {
  const token = (prefix: string, length: number, alphabet = base62): string => prefix + letters(seed, length, alphabet)
  const alone = (kind: string, secret: string): Planted => [kind, secret, secret]
  const word = `${seed}-9q`
  return [
    alone('nkey seed', token('SU', 56, base32)),
    alone('JSON web token', `eyJ${letters(seed, 20, base62)}.${letters(seed, 40, base62)}.${letters(seed, 30, base62)}`),
    alone('AWS access key', token('AKIA', 16, base32)),
    alone('GitHub token', token('ghp_', 36)),
    alone('Slack token', token('xoxb-', 30)),
    alone('OpenAI key', token('sk-', 40)),
    alone('Stripe key', token('sk_live_', 24)),
    alone('Google key', token('AIza', 35)),
    [
      'private key',
      `-----BEGIN PRIVATE KEY-----\n${letters(seed, 64, base62)}\n${letters(seed, 40, base62)}\n-----END PRIVATE KEY-----`,
      letters(seed, 40, base62)
    ],
    ['connection string', `postgres://shop:${word}@db:5432/shop`, word],
    ['connection string with an @ in its password', `amqp://shop:p@${word}@queue`, word],
    ['libpq string', `host=db user=shop password=${word} dbname=shop`, word],
    ['ODBC string', `Server=db;Uid=shop;Pwd=${word};Encrypt=yes`, word],
    ['Authorization header', `Authorization: Basic ${letters(seed, 24, base62)}=`, letters(seed, 24, base62)],
    ['bearer token', `curl -H "authorization: Bearer ${word}.${seed}"`, `${word}.${seed}`],
    ['cookie', `Cookie: session=${word}`, word],
    ['environment variable', `DB_PASSWORD=${word}`, word],
    ['JSON field', `{"clientSecret":"${word}","host":"db"}`, word],
    ['YAML field', `api_key: ${word}`, word],
    ['query string', `GET /x?access_token=${word}&page=2`, word],
    ['flag', `mysql --password ${word} shop`, word],
    ['sentence', `my password is ${word}, help`, word]
  ]
}
