import fc from 'fast-check'
import { expect, test } from 'vitest'
import { diffPaths } from './config-diff.ts'

const json = fc.dictionary(fc.string(), fc.jsonValue())

test('a text does not differ from itself, nor from the same in another layout', () => {
  fc.assert(
    fc.property(json, (value) => {
      expect(diffPaths(JSON.stringify(value), JSON.stringify(value, null, 2))).toEqual([])
    })
  )
})

test('both directions name the same paths', () => {
  fc.assert(
    fc.property(json, json, (a, b) => {
      const [left, right] = [JSON.stringify(a), JSON.stringify(b)]
      expect(diffPaths(left, right).toSorted()).toEqual(diffPaths(right, left).toSorted())
    })
  )
})

test('paths name the deepest key that differs; arrays count as a whole', () => {
  const paths = (a: unknown, b: unknown) => diffPaths(JSON.stringify(a), JSON.stringify(b))
  expect(paths({ a: { b: { c: 1 } }, d: 1 }, { a: { b: { c: 2 } }, d: 1 })).toEqual(['a.b.c'])
  expect(paths({ a: [1, 2] }, { a: [1, 3] })).toEqual(['a'])
  expect(paths({ a: { b: 1 } }, { a: 1 })).toEqual(['a'])
  expect(paths({ a: 1 }, {})).toEqual(['a'])
  expect(paths([1], [2])).toEqual(['.'])
  expect(diffPaths('port 1', 'port 2')).toEqual(['.'])
  expect(diffPaths('{"a":1}', '')).toEqual(['.'])
})
