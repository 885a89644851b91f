import { Buffer } from 'node:buffer'
import { limits, type TriageError } from '@triage/contracts'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readReport } from './report.ts'

const codeOf = (bytes: Uint8Array): string => {
  try {
    readReport(bytes)
  } catch (error) {
    return (error as TriageError).code
  }
  return 'accepted'
}
const code = (text: string): string => codeOf(Buffer.from(text))

test('a sentence is a report, and so is JSON of the schema', () => {
  expect(readReport(Buffer.from(' checkout is throwing 500s since lunch \n'))).toEqual({ text: 'checkout is throwing 500s since lunch' })
  expect(readReport(Buffer.from('{"text":"slow","service":"orders","severity":"high"}'))).toEqual({
    text: 'slow',
    service: 'orders',
    severity: 'high'
  })
  expect(readReport(Buffer.from('[urgent] größer als 5 % – 支付失败'))).toEqual({ text: '[urgent] größer als 5 % – 支付失败' })
})

test('each bad report has its code', () => {
  expect(code('')).toBe('E_REPORT_EMPTY')
  expect(code(' \n\t ')).toBe('E_REPORT_EMPTY')
  expect(code('{"text":"  "}')).toBe('E_REPORT_EMPTY')
  expect(codeOf(Uint8Array.of(0xc3, 0x28))).toBe('E_REPORT_NOT_UTF8')
  expect(code('\u0000\u0001\u0002')).toBe('E_REPORT_BINARY')
  expect(codeOf(Buffer.alloc(limits.message_bytes + 1, 97))).toBe('E_REPORT_TOO_LONG')
  for (const almost of [
    '{"text":',
    '{"txt":"x"}',
    '{"text":1}',
    '{"text":"x","extra":1}',
    '{"text":"a","text":"b"}',
    '{"text":"x","__proto__":{}}',
    '{"text":"x","service":"Not A Name"}'
  ]) {
    expect([almost, code(almost)]).toEqual([almost, 'E_REPORT_SCHEMA'])
  }
})

test('law: whatever the bytes, there is a report or a code', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 2000 }), (bytes) => {
      expect(codeOf(bytes)).toMatch(/^(accepted|E_REPORT_\w+)$/)
    })
  )
})
