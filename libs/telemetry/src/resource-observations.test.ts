import { checkSchema } from '@triage/contracts'
import { expect, test } from 'vitest'
import { resourceObservations, type UsageSample } from './resource-observations.ts'
import { now, seconds } from './test-series.ts'

const mb = 1024 ** 2

/** A sample a second, the last one now. */
const usage = (count: number, at: (ago: number) => Partial<UsageSample>): UsageSample[] =>
  Array.from({ length: count }, (_, i) => ({
    at: now - (count - 1 - i) * 1000,
    cpu_load: 0.1,
    rss_bytes: 60 * mb,
    memory_limit_bytes: 192 * mb,
    ...at(count - 1 - i)
  }))
/** A minute of one processor load, then three seconds of another. */
const loads = (before: number, recent: number) => usage(60, (ago) => ({ cpu_load: ago >= 3 ? before : recent }))

function observe(
  used: UsageSample[],
  more: { managed?: boolean; cpu_limit?: number; samples?: ReturnType<typeof seconds>; startedAt?: number } = {}
) {
  const found = resourceObservations({ service: 'orders', managed: true, samples: [], usage: used, now, prefix: 'obs-ma-r1', ...more })
  for (const observation of found) expect(checkSchema('observation', observation)).toBeNull()
  return found
}

test('a declared workload that works much harder than it did', () => {
  expect(observe(loads(0.1, 0.8))).toMatchObject([
    {
      observation_id: 'obs-ma-r1-resource-orders-1',
      attributes: { resource: 'cpu_load', value: expect.closeTo(0.8), baseline: 0.1, managed: true }
    }
  ])
  expect(observe(loads(0.1, 0.65))).toEqual([])
  expect(observe(loads(0.5, 0.9))).toEqual([])
  expect(observe(loads(0.1, 0.8).slice(57))).toEqual([])
})

test('a declared workload that uses all that it may, and did not before', () => {
  const limited = (before: number, recent: number) => observe(loads(before, recent), { cpu_limit: 0.5 })
  expect(limited(0.1, 0.48)).toMatchObject([
    {
      summary: 'orders uses 0.48 cores of the 0.5 that it may, before: 0.1',
      attributes: { value: expect.closeTo(0.48), share: expect.closeTo(0.96), limit: 0.5 }
    }
  ])
  expect(limited(0.1, 0.3)).toEqual([])
  expect(limited(0.45, 0.49)).toEqual([])
})

test('an undeclared workload by what it uses', () => {
  expect(observe(loads(0.6, 0.6), { managed: false })).toMatchObject([{ attributes: { value: expect.closeTo(0.6), baseline: 0.6 } }])
  expect(observe(loads(0.6, 0.6).slice(57), { managed: false })).toMatchObject([{ attributes: { baseline: 0, managed: false } }])
  expect(observe(loads(0.6, 0.4), { managed: false })).toEqual([])
})

test('memory that leaks: when its limit will be reached', () => {
  // From 60 MB, 0.4 MB a second: 180 MB now, and 12 MB left.
  const [found] = observe(usage(301, (ago) => ({ rss_bytes: (60 + 0.4 * (300 - ago)) * mb })))
  expect(found).toMatchObject({
    summary: expect.stringMatching(/^mem_usage of orders is \d+ MB and grows: it reaches its limit of 201 MB in \d+ s$/),
    attributes: { resource: 'mem_usage', limit: 192 * mb, managed: true }
  })
  expect(Math.abs(found!.attributes.exhausted_in_s! - 30)).toBeLessThan(15)
})

test('memory that grows while a process starts, or without a limit, is no news', () => {
  const starting = usage(120, (ago) => ({ rss_bytes: (60 + Math.min(60, 120 - ago)) * mb }))
  expect(observe(starting)).toEqual([])
  expect(
    observe(
      usage(80, (ago) => ({ rss_bytes: (60 + (80 - ago)) * mb })),
      { startedAt: now - 80_000 }
    )
  ).toEqual([])
  expect(observe(usage(301, (ago) => ({ rss_bytes: (360 - ago) * mb, memory_limit_bytes: null })))).toEqual([])
})

test('descriptors and messages that wait', () => {
  const samples = seconds(121, (ago) => ({ open_fds: 900 - 5 * ago, queue_lag: 600 - 5 * ago }))
  expect(observe([], { samples }).map(({ attributes }) => [attributes.resource, attributes.limit, attributes.exhausted_in_s])).toEqual([
    // 124 left at 5 a second; the value is that of the last few seconds.
    ['open_fds', 1024, 26],
    ['queue_lag', 1000, 82]
  ])
})
