import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TriageError } from '@triage/contracts'
import { afterAll, expect, test } from 'vitest'
import { createKeyFile, openKeyring } from './keyring.ts'

const dir = mkdtempSync(join(tmpdir(), 'triage-keys-'))
afterAll(() => rmSync(dir, { recursive: true }))
const failure = (path: string): TriageError => {
  try {
    openKeyring(path)
  } catch (error) {
    return error as TriageError
  }
  throw new Error('it opened')
}

test('a new file is for its owner alone and is never written over', () => {
  const path = join(dir, 'keys.json')
  createKeyFile(path)
  const before = readFileSync(path, 'utf8')
  createKeyFile(path)
  expect(readFileSync(path, 'utf8')).toBe(before)
  expect(statSync(path).mode & 0o777).toBe(0o600)
})

test('each pair has a key of its own, the same for all who open the file', () => {
  const path = join(dir, 'keys.json')
  const [a, b] = [openKeyring(path), openKeyring(path)]
  const key = a.key('planner', 'swarm', 'k1')!
  expect(key).toHaveLength(32)
  expect(b.key('planner', 'swarm', 'k1')).toEqual(key)
  expect(a.key('scheduler', 'swarm', 'k1')).not.toEqual(key)
  expect(a.key('planner', 'scheduler', 'k1')).not.toEqual(key)
  expect(a.key('planner', 'swarm', 'k2')).toBeNull()
})

test('a file that others may read, that is missing or that is something else is refused, and its content is not shown', () => {
  const open = join(dir, 'open.json')
  createKeyFile(open)
  chmodSync(open, 0o644)
  expect(failure(open)).toMatchObject({ code: 'E_KEYS_MODE' })
  expect(failure(join(dir, 'none.json'))).toMatchObject({ code: 'E_KEYS_INVALID' })
  for (const text of ['{"triage_keys":1,"current":"k1","roots":{"k1":"c2hvcnQ="}}', 'hunter2', 'null', '{}']) {
    const path = join(dir, 'bad.json')
    writeFileSync(path, text, { mode: 0o600 })
    const error = failure(path)
    expect(error.code).toBe('E_KEYS_INVALID')
    expect(error.message).not.toContain('hunter2')
    expect(error.message).not.toContain('c2hv')
  }
})
