import { Buffer } from 'node:buffer'
import { limits, type TriageError } from '@triage/contracts'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { currentOf, firstVersion, type KeyVersion, retire, stateOf, switched, withNext } from './versions.ts'

const root = Buffer.alloc(32)
const start = Date.parse('2026-01-01T12:00:00.000Z')
const states = (versions: readonly KeyVersion[], at: number): string[] => versions.map((version) => `${version.id} ${stateOf(version, at)}`)
const codeOf = (act: () => unknown): string => {
  try {
    act()
  } catch (error) {
    return (error as TriageError).code
  }
  return 'done'
}

test('a rotation: next, then current beside the previous one, which retires by itself', () => {
  const one = [firstVersion(root, start)]
  const two = withNext(one, root, start + 10)
  expect(states(two, start + 10)).toEqual(['k1 current', 'k2 next'])
  const three = switched(two, start + 20)
  expect(states(three, start + 20)).toEqual(['k1 previous', 'k2 current'])
  expect(states(three, start + 20 + limits.key_overlap_ms - 1)).toEqual(['k1 previous', 'k2 current'])
  expect(states(three, start + 20 + limits.key_overlap_ms)).toEqual(['k1 retired', 'k2 current'])
})

test('a rotation that stopped half-way goes on with the key that it had given out', () => {
  const half = withNext([firstVersion(root, start)], root, start)
  expect(withNext(half, Buffer.alloc(32, 1), start + 1)).toEqual(half)
})

test('two rotations in a row would drop messages: the second is refused until the first is over', () => {
  const rotated = switched(withNext([firstVersion(root, start)], root, start), start)
  expect(codeOf(() => withNext(rotated, root, start + limits.key_overlap_ms - 1))).toBe('E_KEYS_TOO_SOON')
  expect(codeOf(() => withNext(rotated, root, start + limits.key_overlap_ms))).toBe('done')
})

test('only a previous key can retire before its time, and only when it leaked', () => {
  const rotated = switched(withNext([firstVersion(root, start)], root, start), start)
  expect(codeOf(() => retire(rotated, 'k1', start + 1))).toBe('E_KEYS_TOO_SOON')
  for (const id of ['k2', 'k9']) expect(codeOf(() => retire(rotated, id, start + 1, true))).toBe('E_USAGE')
  const retired = retire(rotated, 'k1', start + 1, true)
  expect(states(retired, start + 1)).toEqual(['k1 retired', 'k2 current'])
  expect(codeOf(() => retire(retired, 'k1', start + 2, true))).toBe('E_USAGE')
})

test('law: whatever the clock does between the steps, one key signs, and nothing retires while a message of it may live', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -3_600_000, max: 3_600_000 }), { minLength: 1, maxLength: 30 }), (jumps) => {
      let versions = [firstVersion(root, start)]
      let now = start
      for (const jump of jumps) {
        now += jump
        const before = currentOf(versions)!
        if (codeOf(() => withNext(versions, root, now)) !== 'done') continue
        versions = switched(withNext(versions, root, now), now)
        expect(versions.filter((version) => stateOf(version, now) === 'current')).toHaveLength(1)
        // By the clock that says when a message expires: signed with it until now, none is alive when its key retires.
        const retires = versions.find(({ id }) => id === before.id)!.retires_at!
        expect(retires - now).toBeGreaterThanOrEqual(limits.message_ttl_ms + limits.clock_skew_ms + limits.key_switch_ms)
        expect(new Set(versions.map(({ id }) => id)).size).toBe(versions.length)
      }
    })
  )
})

test('the overlap is long enough for the slowest message', () => {
  const redeliveries = 6 * limits.heartbeat_lost_ms
  const needed = limits.key_switch_ms + limits.message_ttl_ms + limits.clock_skew_ms + redeliveries
  expect(limits.key_overlap_ms).toBeGreaterThanOrEqual(needed)
})
