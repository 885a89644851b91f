import fc from 'fast-check'
import { expect, test } from 'vitest'
import { LogRing } from './log-ring.ts'

const at = (index: number) => new Date(1_700_000_000_000 + index).toISOString()

test('keeps the newest lines that fit both bounds, oldest first', () => {
  const bounds = fc.record({ lines: fc.integer({ min: 1, max: 10 }), bytes: fc.integer({ min: 1, max: 40 }) })
  fc.assert(
    fc.property(fc.array(fc.string({ maxLength: 12 })), bounds, (texts, bounds) => {
      const ring = new LogRing(bounds)
      for (const [index, line] of texts.entries()) ring.push({ at: at(index), line })
      const kept = ring.query({}).map(({ line }) => line)
      expect(kept).toEqual(kept.length ? texts.slice(-kept.length) : [])
      expect(kept.length).toBeLessThanOrEqual(bounds.lines)
      expect(Buffer.byteLength(kept.join(''))).toBeLessThanOrEqual(bounds.bytes)
      // One more would break a bound.
      const more = texts.slice(-kept.length - 1)
      if (more.length > kept.length) expect(more.length > bounds.lines || Buffer.byteLength(more.join('')) > bounds.bytes).toBe(true)
    })
  )
})

test('since includes its instant; tail and max_bytes take the newest', () => {
  const ring = new LogRing()
  for (let index = 0; index < 5; index++) ring.push({ at: at(index), line: `l${index}` })
  const lines = (query: Parameters<LogRing['query']>[0]) => ring.query(query).map(({ line }) => line)
  expect(lines({ since: new Date(at(3)) })).toEqual(['l3', 'l4'])
  expect(lines({ tail: 2 })).toEqual(['l3', 'l4'])
  expect(lines({ tail: 0 })).toEqual([])
  expect(lines({ max_bytes: 5 })).toEqual(['l3', 'l4'])
})
