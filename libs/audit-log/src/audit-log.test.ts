import { Buffer } from 'node:buffer'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Appended, appendEntry, genesis, lastAppended, verifyChain } from './audit-log.ts'

function log(size: number): Uint8Array[] {
  let last: Appended = genesis
  return Array.from({ length: size }, (_, i) => {
    const stream = (['INCIDENTS', 'EFFECTS', 'RECORDS'] as const)[i % 3]!
    const source = {
      stream,
      seq: last.cursor[stream] + 1,
      subject: 'incident.inc-20260101-1.opened',
      issuer: 'gateway',
      type: 'incident.opened.v1',
      message_id: `m${i}`
    }
    const { bytes, next } = appendEntry(last, {
      at: '2026-01-01T00:00:00.000Z',
      source,
      message: Buffer.from(`message ${i}`),
      keepBody: i % 4 !== 3
    })
    last = next
    return bytes
  })
}

test('a log verifies, and its last entry says how far it has come', async () => {
  const entries = log(20)
  const verdict = await verifyChain(entries)
  expect(verdict).toMatchObject({ ok: true, entries: 20, firstBad: null })
  expect(lastAppended(entries.at(-1)!)).toEqual({ size: 20, hash: verdict.head, cursor: { INCIDENTS: 7, EFFECTS: 7, RECORDS: 6 } })
  expect(await verifyChain([])).toMatchObject({ ok: true, entries: 0 })
})

test('law: an altered entry is named, or the one whose chain it breaks', async () => {
  const entries = log(12)
  await fc.assert(
    fc.asyncProperty(fc.nat(10), fc.nat(10_000), fc.integer({ min: 1, max: 255 }), async (at, where, flip) => {
      const changed = entries.map((bytes) => Uint8Array.from(bytes))
      changed[at]![where % changed[at]!.length]! ^= flip
      const { ok, firstBad } = await verifyChain(changed)
      expect(ok).toBe(false)
      expect([at, at + 1]).toContain(firstBad!.index)
    })
  )
})

test('law: entries that are taken out, swapped or doubled are found where it happened', async () => {
  const entries = log(12)
  for (let at = 0; at < 11; at++) {
    expect((await verifyChain(entries.toSpliced(at, 1))).firstBad!.index).toBe(at)
    expect((await verifyChain(entries.toSpliced(at, 2, entries[at + 1]!, entries[at]!))).firstBad!.index).toBe(at)
    expect((await verifyChain(entries.toSpliced(at, 0, entries[at]!))).firstBad!.index).toBe(at + 1)
  }
})
