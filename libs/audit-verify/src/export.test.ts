import { Buffer } from 'node:buffer'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AuditLog, cosignNote, leafHash } from '@triage/audit-log'
import { noteKey, signatureTypes } from '@triage/keyring/note-key'
import fc from 'fast-check'
import { afterAll, expect, test } from 'vitest'
import { type FileVerdict, trustedKeys, verifyExport } from './audit-verify.ts'
import { exportLines, logKey, testLog, witnessKey } from './test-log.ts'

const folder = mkdtempSync(join(tmpdir(), 'triage-export-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const file = join(folder, 'log.jsonl')
const keys = trustedKeys(`${logKey.verifier}\n${witnessKey.verifier}\n`)

function verify(content: string | Uint8Array, given: typeof keys | null = keys): FileVerdict {
  writeFileSync(file, content)
  return verifyExport(file, given)
}
const textOf = (lines: readonly string[]): string => `${lines.join('\n')}\n`

const log = testLog([7, 1, 12, 4])
const lines = exportLines(log)
const whole = Buffer.from(textOf(lines))
const size = 24
/** How many entries come before each line: the first that is not vouched for when the line is altered. */
const entryOf = lines.map((_, at) => lines.slice(0, at).filter((line) => line.startsWith('{"log"')).length)
/** Lines that only say that the witness has seen a checkpoint: without one its entries still hold, the export does not. */
const isCosignature = (at: number): boolean => lines[at]!.startsWith('{"cosigned"')
/** A line's place, by the number of its entry. */
const lineOf = (index: number): number => lines.findIndex((line) => line.startsWith(`{"log":{"index":${index},`))

test('an export verifies, with the keys given and with those that it carries', () => {
  expect(verify(whole)).toMatchObject({ ok: true, entries: size, firstBad: null, keysGiven: true })
  expect(verify(whole, null)).toMatchObject({ ok: true, entries: size, keysGiven: false })
})

test('law: logs of any batches verify', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 8 }), (batches) => {
      const verdict = verify(textOf(exportLines(testLog(batches))))
      expect(verdict).toMatchObject({ ok: true, entries: batches.reduce((sum, count) => sum + count, 0) })
    }),
    { numRuns: 30 }
  )
})

test('every flip of a byte is found, and the entry that it hits is named', () => {
  // One signature of the witness: each flip costs as many checks of signatures as come before it.
  const some = exportLines(testLog([9, 15], { witnessed: (upTo) => upTo === size }))
  const bytes = Buffer.from(textOf(some))
  let [line, entry] = [0, 0]
  for (let at = 0; at < bytes.length; at++) {
    const altered = Buffer.from(bytes)
    altered[at]! ^= 1 << (at % 8)
    const { ok, firstBad } = verify(altered)
    expect([at, ok]).toEqual([at, false])
    // The first line vouches for no entry of its own.
    if (line > 0) expect([at, firstBad!.index]).toEqual([at, entry])
    if (bytes[at] === 10 && some[line++]!.startsWith('{"log"')) entry++
  }
}, 180_000)

test('every cut is found: at the front, in the middle, at the tail, within a line', () => {
  for (let at = 1; at < lines.length; at++) {
    expect([at, verify(textOf(lines.toSpliced(at, 1))).firstBad?.index]).toEqual([at, isCosignature(at) ? size : entryOf[at]])
    expect([at, verify(textOf(lines.slice(0, at))).firstBad?.index]).toEqual([at, entryOf[at]])
    if (at > 1) expect([at, verify(textOf([lines[0]!, ...lines.slice(at)])).firstBad?.index]).toEqual([at, 0])
  }
  for (const bytes of [1, 17, 200]) {
    for (let at = 1; at < lines.length; at++) {
      const cut = textOf(lines.slice(0, at)) + lines[at]!.slice(0, bytes)
      expect([at, verify(cut).firstBad?.index]).toEqual([at, entryOf[at]])
    }
  }
  expect(verify(whole.subarray(0, -1)).firstBad).toEqual({ index: size - 1, reason: 'its line is cut' })
  for (const beginning of ['', '{', lines[0]!, 'nothing of the kind\n']) expect(verify(beginning).firstBad?.index).toBe(0)
})

test('every swap of two lines, every repeated line and every line put in is found', () => {
  const foreign = exportLines(testLog([24], { message: (index) => `other ${index}` }))
  for (let at = 1; at < lines.length; at++) {
    expect([at, verify(textOf(lines.toSpliced(at, 0, lines[at]!))).ok]).toEqual([at, false])
    for (let other = at + 1; other < lines.length; other++) {
      const swapped = lines.with(at, lines[other]!).with(other, lines[at]!)
      const late = isCosignature(at) && lines[other]!.startsWith(`{"log":{"index":${entryOf[at]},`) ? 1 : 0
      expect([at, other, verify(textOf(swapped)).firstBad?.index]).toEqual([at, other, entryOf[at]! + late])
    }
  }
  for (let index = 0; index < size; index++) {
    const at = lineOf(index)
    const doubled = verify(textOf(lines.toSpliced(at, 0, lines[at]!)))
    expect(doubled.firstBad?.index).toBe(index + 1)
    expect(verify(textOf(lines.toSpliced(at, 0, foreign[lineOf(0) + index]!))).firstBad?.index).toBe(index)
    expect(verify(textOf(lines.with(at, foreign.find((line) => line.startsWith(`{"log":{"index":${index},`))!))).firstBad?.index).toBe(
      index
    )
  }
}, 120_000)

test('a fork by somebody without the key is found where it begins; with the hashes made to fit, where its batch begins', () => {
  for (let index = 0; index < size; index++) {
    const fork = testLog([7, 1, 12, 4], { message: (i) => (i >= index ? `forked ${i}` : `message ${i}`) })
    const grafted = log.map((batch, i) => ({ ...batch, entries: fork[i]!.entries }))
    expect([index, verify(textOf(exportLines(grafted))).firstBad?.index]).toEqual([index, index])
    const fitted = grafted.map((batch) => {
      const hashes = Buffer.concat(batch.entries.map(leafHash)).toString('base64')
      return { ...batch, checkpoint: { ...batch.checkpoint, hashes } }
    })
    const batch = [20, 8, 7, 0].find((start) => start <= index)
    expect([index, verify(textOf(exportLines(fitted))).firstBad?.index]).toEqual([index, batch])
  }
})

test('a fork by somebody with the key of the log is found by what the witness has not signed', () => {
  const options = { message: (i: number) => (i >= 9 ? `forked ${i}` : `message ${i}`), witnessed: (upTo: number) => upTo <= 8 }
  expect(verify(textOf(exportLines(testLog([7, 1, 12, 4], options)))).firstBad).toMatchObject({
    index: 0,
    reason: 'the witness has not signed the head of the log'
  })
  // With the true head put in front, the first checkpoint of the fork is the first that does not lead there.
  const forked = exportLines(testLog([7, 1, 12, 4], options))
  expect(verify(textOf([lines[0]!, ...forked.slice(1)]))).toMatchObject({ ok: false })
})

test('a log under another key is not the one that was asked for', () => {
  const other = noteKey('audit.test/2', signatureTypes.note, Buffer.alloc(32, 9))
  const theirs = exportLines(testLog([3], { key: other }))
  expect(verify(textOf(theirs)).firstBad?.reason).toContain('audit.test/2')
  const renamed = theirs.map((line) => line.replace(logKey.verifier, other.verifier))
  expect(verify(textOf(renamed), null)).toMatchObject({ ok: true, keysGiven: false })
  expect(verify(textOf(renamed)).firstBad?.reason).toContain('other keys')
})

test('what the log signs and is no entry is named', () => {
  const odd = AuditLog.resume(null, [], logKey)
  const entry = { at: '2026-01-01T00:00:00.000Z', stream: 'RECORDS', seq: 1, subject: 's', message: Buffer.from(''), signed: null } as const
  odd.appended(Buffer.from('{}'), entry)
  const batch = { checkpoint: odd.checkpoint(logKey), cosigned: null, entries: [Buffer.from('{}')] }
  const cosigned = cosignNote(batch.checkpoint.checkpoint, witnessKey, 1_767_225_600)
  expect(verify(textOf(exportLines([{ ...batch, cosigned }]))).firstBad).toEqual({ index: 0, reason: 'it does not say where it stands' })
})

test('an entry that is signed but leaves a message out, or has another index, is named', () => {
  for (const [seq, wrongIndex, reason] of [
    [3, false, 'RECORDS was left out'],
    [2, true, 'it says that it is entry 7']
  ] as const) {
    const log = AuditLog.resume(null, [], logKey)
    const about = { at: '2026-01-01T00:00:00.000Z', stream: 'RECORDS', subject: 's', message: Buffer.from(''), signed: null } as const
    const entries = [1, seq].map((at, index) => {
      const encoded = log.encode({ ...about, seq: at }).toString()
      const bytes = Buffer.from(wrongIndex && index === 1 ? encoded.replace('"index":1', '"index":7') : encoded)
      log.appended(bytes, { ...about, seq: at })
      return bytes
    })
    const checkpoint = log.checkpoint(logKey)
    const cosigned = cosignNote(checkpoint.checkpoint, witnessKey, 1_767_225_600)
    const { firstBad } = verify(textOf(exportLines([{ checkpoint, cosigned, entries }])))
    expect(firstBad).toEqual({ index: 1, reason: expect.stringContaining(reason) })
  }
})

test('what is not a file or not a key is said', () => {
  expect(() => verifyExport(join(folder, 'absent'), null)).toThrow(expect.objectContaining({ code: 'E_AUDIT_FILE' }))
  expect(() => trustedKeys('nonsense')).toThrow(expect.objectContaining({ code: 'E_AUDIT_FILE' }))
  expect(() => trustedKeys(witnessKey.verifier)).toThrow(expect.objectContaining({ code: 'E_AUDIT_FILE' }))
})
