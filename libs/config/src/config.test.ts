import { expect, test } from 'vitest'
import { readConfig } from './config.ts'

const settings = {
  url: { env: 'URL', kind: 'string', description: 'where to' },
  port: { env: 'PORT', kind: 'port', description: 'which port', default: 80 }
} as const

test('reads, fills in defaults and freezes', () => {
  const config = readConfig(settings, { URL: 'x', PORT: '' })
  expect(config).toEqual({ url: 'x', port: 80 })
  expect(Object.isFrozen(config)).toBe(true)
})

test('an error names the variable and what it means', () => {
  expect(() => readConfig(settings, {})).toThrow(/URL is not set: where to/)
  for (const bad of ['x', '-1', '70000', '1.5'])
    expect(() => readConfig(settings, { URL: 'x', PORT: bad })).toThrow(/PORT must be a whole number from 0 to 65535/)
})
