import { expect, test } from 'vitest'
import { redact } from './redact.ts'

test.each([
  ['connect to postgres://shop:hunter2@db:5432/shop failed', 'hunter2'],
  ['config {"password":"hunter2","host":"db"} is not valid', 'hunter2'],
  ['login with password=hunter2, retrying', 'hunter2'],
  ['api_key: sk-12345678 was refused', 'sk-12345678'],
  ['header authorization: Bearer abcdefghijkl', 'abcdefghijkl']
])('no credential stays: %s', (text, secret) => {
  expect(redact(text)).not.toContain(secret)
  expect(redact(text)).toContain('***')
})

test.each(['GET http://127.0.0.1:80/x failed', "Unexpected token 'o', not valid JSON", 'password authentication failed for user "shop"'])(
  'other text stays: %s',
  (text) => {
    expect(redact(text)).toBe(text)
  }
)
