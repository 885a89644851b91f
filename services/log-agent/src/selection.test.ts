import type { ParsedLine } from '@triage/telemetry'
import { expect, test } from 'vitest'
import { selection } from './selection.ts'

const line = (msg: string, level: ParsedLine['level'] = 'error'): ParsedLine => ({ at: '2026-01-01T12:00:00.000Z', level, msg, meta: {} })

test('level, text and expression must all fit', () => {
  const asked = selection({ level: 'error', contains: 'failed', matches: '(?i)order \\d+' })
  expect(asked(line('Order 12 failed'))).toBe(true)
  expect(asked(line('Order 12 failed', 'warn'))).toBe(false)
  expect(asked(line('Order 12 is late'))).toBe(false)
  expect(asked(line('Order x failed'))).toBe(false)
  expect(selection({})(line('anything', 'warn'))).toBe(true)
})

test.each(['(', '(?=a)b', '(a)\\1', 'a{2000}'])('%s is no expression of RE2', (matches) => {
  expect(() => selection({ matches })).toThrow(expect.objectContaining({ code: 'E_TASK_PATTERN' }))
})

test('an expression that is made to take for ever does not', () => {
  const asked = selection({ matches: '^(a+)+$' })
  const evil = line(`${'a'.repeat(5_000)}!`)
  for (let i = 0; i < 100; i++) expect(asked(evil)).toBe(true)
  expect(selection({ matches: '(x+x+)+y' })(line('x'.repeat(5_000)))).toBe(false)
})
