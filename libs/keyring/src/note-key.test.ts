import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { createNoteKeyFile, openNoteKey, signatureTypes } from './note-key.ts'

const folder = mkdtempSync(join(tmpdir(), 'triage-note-key-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const path = join(folder, 'log.key')
const code = (expected: string) => expect.objectContaining({ code: expected })

test('a key file is made once, for its owner alone, and its key has a name of its own', () => {
  createNoteKeyFile(path, 'log.triage', signatureTypes.note)
  expect(statSync(path).mode & 0o777).toBe(0o600)
  const key = openNoteKey(path)
  expect(key.verifier).toMatch(/^log\.triage\/[0-9a-f]{8}\+[0-9a-f]{8}\+A[Q-Za-f]/)
  createNoteKeyFile(path, 'log.triage', signatureTypes.note)
  expect(openNoteKey(path).verifier).toBe(key.verifier)
  expect(key.verifier).not.toContain(readFileSync(path, 'utf8').trim().slice(-40))
})

test('a key file that others may read, that is absent or holds something else is refused, and nothing of it is quoted', () => {
  const text = readFileSync(path, 'utf8')
  for (const [content, expected] of [
    ['', 'E_KEYS_INVALID'],
    ['{"triage_keys":1}', 'E_KEYS_INVALID'],
    [text.replace(/\+[0-9a-f]{8}\+/, '+00000000+'), 'E_KEYS_INVALID'],
    [text.trim(), 'E_KEYS_INVALID']
  ] as const) {
    writeFileSync(path, content)
    expect(() => openNoteKey(path)).toThrow(code(expected))
  }
  writeFileSync(path, text)
  chmodSync(path, 0o644)
  expect(() => openNoteKey(path)).toThrow(code('E_KEYS_MODE'))
  expect(() => openNoteKey(join(folder, 'absent'))).toThrow(code('E_KEYS_INVALID'))
})
