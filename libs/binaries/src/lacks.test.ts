import fc from 'fast-check'
import { expect, test } from 'vitest'
import { lacksOf } from './lacks.ts'

const mentions = (version: string, text: string) => lacksOf(version).some((sentence) => sentence.includes(text))

test('2.9.10, which Debian 12 has, lacks features and fixes', () => {
  for (const text of ['sync_interval', 'TTL', 'CVE-2023-47090', 'CVE-2025-30215']) expect(mentions('2.9.10', text)).toBe(true)
  expect(lacksOf('2.9.10')[0]).toBe('nats-server 2.9.10 lacks sync_interval: it came with 2.10.0.')
})

test('the pinned ones lack nothing', () => {
  for (const version of ['2.15.0', '2.15.1', '2.15.2', '2.14.0', '2.12.7', '2.11.16', '3.0.0']) expect(lacksOf(version)).toEqual([])
})

test('a fix counts per release line', () => {
  expect(mentions('2.9.23', 'CVE-2023-47090')).toBe(false)
  expect(mentions('2.10.1', 'CVE-2023-47090')).toBe(true)
  expect(mentions('2.12.6', 'CVE-2026-58251')).toBe(true)
  expect(mentions('2.13.9', 'CVE-2026-58251')).toBe(true)
})

test('within a line, a newer version never lacks more', () => {
  const what = (version: string) => lacksOf(version).map((sentence) => sentence.slice(`nats-server ${version}`.length))
  fc.assert(
    fc.property(fc.nat({ max: 20 }), fc.nat({ max: 40 }), fc.nat({ max: 10 }), (minor, patch, more) => {
      expect(what(`2.${minor}.${patch}`)).toEqual(expect.arrayContaining(what(`2.${minor}.${patch + more}`)))
    })
  )
})
