// Published vectors: the note of golang.org/x/mod/sumdb/note, and the notes of c2sp.org/signed-note's form.
import { Buffer } from 'node:buffer'
import { isSignedBy, parseCheckpoint, parseNote, parseVerifierKey } from '@triage/audit-verify'
import { noteKey, signatureTypes } from '@triage/keyring/note-key'
import { expect, test } from 'vitest'
import { checkpointText, cosignNote, signNote } from './audit-log.ts'

const seed = Buffer.from('AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz', 'base64').subarray(1)
const verifier = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW'
const text = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
const published = `${text}\n— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n`

test('the published key signs the published note to the published bytes', () => {
  const key = noteKey('PeterNeumann', signatureTypes.note, seed)
  expect(key.verifier).toBe(verifier)
  expect(signNote(text, key)).toBe(published)
})

test('the published note holds; altered, under another name or with another key it does not', () => {
  const key = parseVerifierKey(verifier)!
  expect(isSignedBy(parseNote(published)!, key)).toBe(true)
  expect(isSignedBy(parseNote(published.replace('answer', 'Answer'))!, key)).toBe(false)
  expect(isSignedBy(parseNote(published.replace('— Peter', '— Pieter'))!, key)).toBe(false)
  expect(isSignedBy(parseNote(published)!, parseVerifierKey('EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop')!)).toBe(
    false
  )
  // The same bits written in another way are another note.
  expect(parseNote(published.replace('nAM=', 'nAN='))).toBeNull()
})

test('published verifier keys are read, keys with the id of another are not', () => {
  for (const key of [
    'example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k',
    'TEST+7997405c+AQcC+FTVKf0jlTdHDY3rbevmnKxxPjigCXlVtGe6RIr6',
    'remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2'
  ])
    expect(parseVerifierKey(key)).toMatchObject({ text: key })
  expect(parseVerifierKey(verifier.replace('c74f', 'c74e'))).toBeNull()
  expect(parseVerifierKey(verifier.replace('Peter', 'Pieter'))).toBeNull()
})

test('a checkpoint of a public log holds, with the signature of the log and of a public witness', () => {
  const log = parseVerifierKey('arche2025h1.staging.ct.transparency.dev+ba2f06c0+AU0vHmlGCS/PdN8b2OaGmKprLI8HKM+dJ472xgFYh15f')!
  const witness = parseVerifierKey('remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2')!
  const note = [
    'arche2025h1.staging.ct.transparency.dev',
    '1432088532',
    'U7WM79jrzyhGZ5/GUBTpM7NzwdyfFx61t3RovgcC4Ro=',
    '',
    '— arche2025h1.staging.ct.transparency.dev zTM8sQAAAZ5W0WdjBAMARjBEAiBjW5IQf9pvsYLfQFX6hoGREPMHbdQ3urbllzalApkptQIgIpwtEroeW2BXaHAI4kJXFbon5Ch9MNL5zRNZ55lvGt0=',
    '— arche2025h1.staging.ct.transparency.dev ui8GwCF1+kWqZrxGdhj4aX3gcw7XUlXQQabg/27lefwhUkzbC3NygNI75MdhL1bfTW9g8Ei59RA23oHP7Ry1k3ZFWwQ=',
    '— remora.n621.de 2net5wAAAABqEiEgPlfF3V06o0Y+fHM+J5J9s27wgxxcOVSpZ/2g/KSiXCg9DEZI+aVCIobWX9sXTynk5XeU/zZ0WBxtqB0DrAWfBw==',
    ''
  ].join('\n')
  expect(parseCheckpoint(note)).toMatchObject({ origin: log.name, size: 1_432_088_532 })
  for (const key of [log, witness]) {
    expect(isSignedBy(parseNote(note)!, key)).toBe(true)
    expect(isSignedBy(parseNote(note.replace('1432088532', '1432088533'))!, key)).toBe(false)
  }
})

test('a witness signs the text and the time', () => {
  const log = noteKey('audit.test/1', signatureTypes.note, Buffer.alloc(32, 1))
  const witness = noteKey('witness.test/1', signatureTypes.cosignature, Buffer.alloc(32, 2))
  const note = cosignNote(signNote(checkpointText(log.name, 12, Buffer.alloc(32, 7)), log), witness, 1_700_000_000)
  const checkpoint = parseCheckpoint(note)!
  expect(checkpoint).toMatchObject({ origin: 'audit.test/1', size: 12, root: Buffer.alloc(32, 7) })
  for (const { verifier: key } of [log, witness]) expect(isSignedBy(checkpoint.note, parseVerifierKey(key)!)).toBe(true)
  const [, line] = note.split('— witness.test/1 ')
  const bytes = Buffer.from(line!, 'base64')
  expect(bytes.readBigUInt64BE(4)).toBe(1_700_000_000n)
  bytes[11]! ^= 1
  const later = note.replace(line!, `${bytes.toString('base64')}\n`)
  expect(isSignedBy(parseNote(later)!, parseVerifierKey(witness.verifier)!)).toBe(false)
})

test('what is no checkpoint is none', () => {
  const root = Buffer.alloc(32).toString('base64')
  const signature = `\n— a ${Buffer.alloc(68).toString('base64')}\n`
  expect(parseCheckpoint(`o\n1\n${root}\n${signature}`)).toMatchObject({ size: 1 })
  for (const body of [
    `o\n01\n${root}\n`,
    `o\n-1\n${root}\n`,
    `o\n1\n${root}`,
    `o\n1\n${root.slice(4)}\n`,
    `\n1\n${root}\n`,
    `o\n1\n${root}\nmore\n`
  ])
    expect([body, parseCheckpoint(body + signature)]).toEqual([body, null])
})
