import fc from 'fast-check'
import { expect, test } from 'vitest'
import { highest, limitsOf, within, withLimits } from './limits.ts'

const MiB = 1024 ** 2

test.each([
  ['what compose sets', { Memory: 192 * MiB, MemorySwap: 384 * MiB, NanoCpus: 5e8 }],
  ['no limits', { Memory: 0, MemorySwap: 0, NanoCpus: 0 }],
  ['as much swap as there is', { Memory: 64 * MiB, MemorySwap: -1, NanoCpus: 3e8 }],
  ['odd numbers', { Memory: 192_000_001, MemorySwap: 384_000_002, NanoCpus: 5e8 }],
  ['no swap', { Memory: 64 * MiB, MemorySwap: 64 * MiB, NanoCpus: 0 }]
])('limits that are lowered and put back are what they were: %s', (_, before) => {
  const lowered = withLimits(before, { memory_bytes: 10 * MiB, cpus: 0.1 })
  expect(limitsOf(lowered)).toEqual({ memory_bytes: 10 * MiB, cpus: 0.1 })
  expect(within(lowered, before)).toBe(true)
  expect(withLimits(lowered, limitsOf(before))).toEqual(before)
})

test('limits that stay leave the swap as it is, in whatever proportion', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 2 ** 40 }), fc.integer({ min: 0, max: 2 ** 40 }), (memory, more) => {
      const before = { Memory: memory, MemorySwap: memory + more, NanoCpus: 0 }
      expect(withLimits(before, limitsOf(before))).toEqual(before)
    })
  )
})

test('no limit is more than any, and the highest of each counts', () => {
  const some = { Memory: 64 * MiB, MemorySwap: 128 * MiB, NanoCpus: 0 }
  expect(within({ ...some, Memory: 0 }, some)).toBe(false)
  expect(within({ ...some, MemorySwap: -1 }, some)).toBe(false)
  expect(within({ ...some, NanoCpus: 1e9 }, some)).toBe(true)
  const most = highest(some, { Memory: 32 * MiB, MemorySwap: 256 * MiB, NanoCpus: 1e9 })
  expect(within({ Memory: 64 * MiB, MemorySwap: 256 * MiB, NanoCpus: 0 }, most)).toBe(true)
  expect(within({ Memory: 65 * MiB, MemorySwap: 256 * MiB, NanoCpus: 0 }, most)).toBe(false)
})
