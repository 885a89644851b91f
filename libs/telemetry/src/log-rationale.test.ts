import type { LogTemplateObservation } from '@triage/contracts'
import { expect, test } from 'vitest'
import { logRationale } from './log-rationale.ts'

const windowStart = Date.parse('2025-11-21T12:01:00.000Z')
const seen = (template: string, ratio?: number): LogTemplateObservation => ({
  observation_id: 'obs-la-1',
  kind: 'log_template',
  service: 'orders',
  at: '2025-11-21T12:01:05.000Z',
  summary: '',
  attributes: { template, level: 'error', count: 3, new: ratio === undefined, ...(ratio !== undefined && { rate_ratio: ratio }) }
})
const reading = { matched: 3, read: 812, windowStart, cutAt: null }

test('what is new, what is more frequent, and of how many lines', () => {
  expect(logRationale([seen('cannot connect'), seen('slow', 14.2)], reading)).toBe(
    'new since 12:01:00: cannot connect; 14 times as often as before: slow; 3 of 812 lines'
  )
})

test('nothing, more than is named, and lines that were not read', () => {
  expect(logRationale([], { ...reading, matched: 0 })).toBe('nothing is new or more frequent; 0 of 812 lines')
  const many = logRationale(
    ['a', 'b', 'c', 'x'.repeat(500)].map((template) => seen(template)),
    {
      ...reading,
      cutAt: '2025-11-21T11:59:00.000Z'
    }
  )
  expect(many).toBe('new since 12:01:00: a; new since 12:01:00: b; 2 more; 3 of 812 lines; lines before 11:59:00 were not read')
})
