import { expect, test } from 'vitest'
import { restarts, stale } from './gaps.ts'
import { now, seconds } from './test-series.ts'

test('counters that stood still for half a minute, although somebody answers', () => {
  const frozen = (since: number, answers = true) =>
    seconds(120, (ago) => (ago < since ? (answers ? { moved: false, requests: 0 } : null) : {}))
  expect(stale(frozen(40), now)).toBe(40)
  expect(stale(frozen(20), now)).toBeNull()
  // Nobody answers: that is another finding.
  expect(stale(frozen(40, false), now)).toBeNull()
  // It never had such a counter.
  expect(
    stale(
      seconds(120, () => ({ moved: null })),
      now
    )
  ).toBeNull()
  expect(stale([], now)).toBeNull()
})

test('three new beginnings within two minutes', () => {
  const restarting = (...agos: number[]) => seconds(300, (ago) => ({ restarted: agos.includes(ago) }))
  expect(restarts(restarting(10, 50, 90), now)).toBe(3)
  expect(restarts(restarting(10, 50, 200), now)).toBeNull()
})
