import { expect, test } from 'vitest'
import { burnRate as rate } from './burn-rate.ts'
import type { MetricSample } from './metric-source.ts'
import { now, seconds } from './test-series.ts'

const burnRate = (samples: readonly MetricSample[], now: number) => rate(samples, now, 3_000)

/** This share of the answers fails from so many seconds ago until so many. */
const failing = (ratio: number, from: number, until = 0, count = 420) =>
  seconds(count, (ago) => ({ error_ratio: ago <= from && ago >= until ? ratio : 0 }))

test('a minute at fifteen times the budget burns, two seconds of it do not', () => {
  // 7.5 % of the requests of the last minute; the factor of the first pair is 14.4 times 0.5 %: 7.2 %.
  expect(burnRate(failing(0.075, 59), now)).toBeCloseTo(0.075)
  expect(burnRate(failing(0.075, 1), now)).toBeNull()
})

test('six minutes at seven times the budget burn slowly; at five times they do not', () => {
  expect(burnRate(failing(0.035, 400), now)).toBeCloseTo(0.035)
  expect(burnRate(failing(0.025, 400), now)).toBeNull()
})

test('it is over when errors are overdue, although the windows still hold them', () => {
  // Everything failed for forty seconds. The short window of the second pair is thirty seconds long.
  expect(burnRate(failing(1, 40, 2), now)).toBeCloseTo(39 / 60, 1)
  expect(burnRate(failing(1, 44, 4), now)).toBeNull()
  expect(burnRate(failing(1, 50, 10), now)).toBeNull()
})

test('errors that come rarely may be away for longer', () => {
  // One failed request in every fifth second: 3 % and a bit of six requests a second.
  const rare = (quiet: number) => seconds(420, (ago) => ({ requests: 6, error_ratio: ago % 5 === 0 && ago >= quiet ? 1.1 / 6 : 0 }))
  expect(burnRate(rare(5), now)).not.toBeNull()
  expect(burnRate(rare(20), now)).toBeNull()
})

test('of few requests an outage is over six seconds after its last error, also when there was one before', () => {
  // Two requests a second; it failed for ten seconds a minute ago, and for two just now.
  const outages = (quiet: number) =>
    seconds(420, (ago) => ({ requests: 2, error_ratio: (ago >= 60 && ago < 70) || (ago >= quiet && ago < quiet + 2) ? 1 : 0 }))
  expect(burnRate(outages(2), now)).not.toBeNull()
  expect(burnRate(outages(7), now)).toBeNull()
})

test('fewer than five errors are chance, and nothing was asked is no error', () => {
  expect(
    burnRate(
      seconds(420, (ago) => ({ requests: 1, error_ratio: ago < 4 ? 1 : 0 })),
      now
    )
  ).toBeNull()
  expect(
    burnRate(
      seconds(420, () => ({ requests: 0, error_ratio: null })),
      now
    )
  ).toBeNull()
  expect(
    burnRate(
      seconds(420, () => null),
      now
    )
  ).toBeNull()
  expect(burnRate([], now)).toBeNull()
})

test('with a look every fifteen seconds the short window is as long as two of them', () => {
  const sparse = seconds(420, () => ({ requests: 225, error_ratio: 0.035 })).filter((_, i) => i % 15 === 5)
  expect(rate(sparse, now, 30_000)).toBeCloseTo(0.035)
})
