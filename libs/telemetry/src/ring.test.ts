import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Ring } from './ring.ts'

test('a ring holds the last items, oldest first', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 20 }), fc.array(fc.integer(), { maxLength: 60 }), (capacity, items) => {
      const ring = new Ring<number>(capacity)
      for (const item of items) ring.push(item)
      expect(ring.values()).toEqual(items.slice(-capacity))
    })
  )
})

test('a ring without room is refused', () => {
  expect(() => new Ring(0)).toThrow(RangeError)
})
