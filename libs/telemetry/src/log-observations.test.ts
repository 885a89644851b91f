import { checkSchema, type LogTemplateObservation } from '@triage/contracts'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { ParsedLine } from './log-line.ts'
import { logObservations } from './log-observations.ts'

const start = Date.parse('2025-11-21T05:00:00.000Z')
/** `second` counts from the start of the window; the baseline is the minute before it. */
const line = (second: number, level: ParsedLine['level'], msg: string, meta: Record<string, unknown> = {}): ParsedLine => ({
  at: new Date(start + second * 1000).toISOString(),
  level,
  msg,
  meta
})
const observe = (lines: readonly ParsedLine[], topK = 10): LogTemplateObservation[] => {
  const found = logObservations({ service: 'catalog', lines, windowStart: start, now: start + 20_000, topK, prefix: 'obs-la-r0' })
  for (const observation of found) expect(checkSchema('observation', observation)).toBeNull()
  return found
}
const poisoned = (second: number, id: number): ParsedLine =>
  line(second, 'error', `GET /products/${id} failed: SyntaxError: Unexpected token 'p', "poison" is not valid JSON`, {
    error: 'SyntaxError',
    key: `catalog:product:${id}`
  })

test('a new error is one observation with what its latest line says', () => {
  const meta = { error: 'ECONNREFUSED', upstream: 'catalog' }
  const lines = [1, 2, 3].map((s) => line(s, 'error', `GET /products/${s} failed: connect ECONNREFUSED 127.0.0.1:300${s}`, meta))
  expect(observe([line(-60, 'info', 'started'), ...lines])).toEqual([
    {
      observation_id: 'obs-la-r0-log-template-catalog-1',
      kind: 'log_template',
      service: 'catalog',
      at: '2025-11-21T05:00:03.000Z',
      summary: expect.stringContaining('3 lines'),
      attributes: {
        template: 'GET /products/<num> failed: connect ECONNREFUSED <addr>',
        level: 'error',
        count: 3,
        new: true,
        error_type: 'ECONNREFUSED',
        upstream: 'catalog',
        example: 'GET /products/3 failed: connect ECONNREFUSED 127.0.0.1:3003'
      }
    }
  ])
})

test('a known template is silent until its rate is three times what it was', () => {
  const known = [-60, -40, -20].map((s) => line(s, 'warn', 'cache is slow'))
  expect(observe([...known, line(5, 'warn', 'cache is slow')])).toEqual([])
  // 3 in 60 s before; 4 in 20 s are 4 times as many.
  const [risen] = observe([...known, ...[1, 2, 3, 4].map((s) => line(s, 'warn', 'cache is slow'))])
  expect(risen?.attributes).toMatchObject({ new: false, rate_ratio: 4, count: 4, level: 'warn' })
})

test('new errors come before new warnings before risen errors, and topK cuts', () => {
  const lines = [
    line(-30, 'error', 'an old error came back'),
    ...[1, 2, 3, 4].map((s) => line(s, 'error', 'an old error came back')),
    ...[1, 2, 3, 4, 5].map((s) => line(s, 'warn', 'a new warning, many times')),
    line(6, 'error', 'one new error')
  ]
  const templates = observe(lines).map((observation) => observation.attributes.template)
  expect(templates).toEqual(['one new error', 'a new warning, many times', 'an old error came back'])
  expect(observe(lines, 1).map((observation) => observation.attributes.template)).toEqual(['one new error'])
})

test('every key is an observation of its own, eight of one template at most', () => {
  const keys = observe([poisoned(1, 3), poisoned(2, 7), poisoned(3, 3)]).map(({ attributes }) => [attributes.key, attributes.count])
  expect(keys).toEqual([
    ['catalog:product:3', 2],
    ['catalog:product:7', 1]
  ])
  const many = [...Array.from({ length: 15 }, (_, i) => poisoned(i, i)), line(1, 'error', 'something else')]
  expect(observe(many, 50)).toHaveLength(9)
})

test('a template that was always there is not new because it names a new key', () => {
  expect(observe([...[-50, -30, -10].map((s) => poisoned(s, 1)), poisoned(5, 2)])).toEqual([])
})

test('nothing of meta but the three fields goes out, and those only when they are what they should be', () => {
  const meta = {
    error: 'x '.repeat(80),
    upstream: 'Not A Name',
    key: { a: 1 },
    password: 'hunter2',
    headers: { authorization: 'Bearer abcdefgh' }
  }
  const [found] = observe([line(1, 'error', `login with password=hunter2 failed ${'x'.repeat(5000)}`, meta)])
  expect(Object.keys(found!.attributes).sort()).toEqual(['count', 'example', 'level', 'new', 'template'])
  expect(found!.attributes.example).toHaveLength(300)
  expect(JSON.stringify(found)).not.toContain('hunter2')
  expect(JSON.stringify(found)).not.toContain('abcdefgh')
})

test('info lines and lines of the future are passed over', () => {
  expect(observe([line(1, 'info', 'fine'), line(30, 'error', 'not yet'), { ...line(1, 'error', 'when?'), at: 'never' }])).toEqual([])
})

test('the order of the lines changes nothing', () => {
  const lines = [
    ...Array.from({ length: 6 }, (_, i) => poisoned(i % 3, i)),
    line(-20, 'warn', 'cache is slow'),
    line(1, 'warn', 'job 1 is late'),
    line(1, 'warn', 'job 2 is late'),
    line(1, 'error', 'connect ECONNREFUSED 127.0.0.1:1', { upstream: 'redis' }),
    line(1, 'error', 'connect ECONNRESET 127.0.0.1:1', { upstream: 'redis' })
  ]
  const expected = observe(lines)
  fc.assert(
    fc.property(fc.shuffledSubarray(lines, { minLength: lines.length }), (shuffled) => {
      expect(observe(shuffled)).toEqual(expected)
    })
  )
})

test.each([
  ['2025-11-21 05:00:00.000 UTC [71] ERROR:  relation "orders" does not exist', 'ERROR: relation <str> does not exist'],
  ['42:M 21 Nov 2025 05:00:00.000 # Out of memory', '# Out of memory'],
  ['[42] 2025/11/21 05:00:00.000000 [ERR] Error listening on port: "4222"', '[ERR] Error listening on port: <str>'],
  ['2025-11-21T05:00:00.000Z it broke', 'it broke'],
  ['TypeError: no cart\n    at main', 'TypeError: no cart']
])('a template is of what is said, not of when or where: %s', (msg, template) => {
  expect(observe([line(1, 'error', msg)])[0]!.attributes.template).toBe(template)
})
