import { Buffer } from 'node:buffer'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TriageError } from '@triage/contracts'
import { afterAll, beforeEach, expect, test, vi } from 'vitest'
import { createKeyFile, KeyFile, type Keyring, openKeyring, passphraseFileOf, retire, rotate, Vault } from './keyring.ts'

const base = mkdtempSync(join(tmpdir(), 'triage-keys-'))
afterAll(() => rmSync(base, { recursive: true }))
let path: string
beforeEach(() => {
  path = join(mkdtempSync(join(base, 'f-')), 'keys.json')
})
const told = { fileKey: '', passphrase: 'correct horse', passphraseFile: '' }
const failure = (act: () => unknown): TriageError => {
  try {
    act()
  } catch (error) {
    return error as TriageError
  }
  throw new Error('it went well')
}
const everybody = async (): Promise<void> => {}
const rootsOf = (file: KeyFile): Buffer[] => file.read().map(({ root }) => root)

test('a new file is for its owner alone, holds no key in the clear and is never written over', () => {
  const file = createKeyFile(path)
  const before = readFileSync(path, 'utf8')
  createKeyFile(path)
  expect(readFileSync(path, 'utf8')).toBe(before)
  for (const each of [path, passphraseFileOf(path)]) expect(statSync(each).mode & 0o777).toBe(0o600)
  const [root] = rootsOf(file)
  for (const encoding of ['base64', 'base64url', 'hex'] as const) expect(before).not.toContain(root!.toString(encoding))
})

test('each pair has a key of its own, the same for all who open the file', () => {
  createKeyFile(path)
  const [a, b] = [openKeyring(path), openKeyring(path)]
  const key = (ring: Keyring, issuer: string, audience: string, version = 'k1') => ring.key(issuer, audience, version, Date.now())?.export()
  expect(key(a, 'planner', 'swarm')).toHaveLength(32)
  expect(key(b, 'planner', 'swarm')).toEqual(key(a, 'planner', 'swarm'))
  expect(key(a, 'scheduler', 'swarm')).not.toEqual(key(a, 'planner', 'swarm'))
  expect(key(a, 'planner', 'scheduler')).not.toEqual(key(a, 'planner', 'swarm'))
  expect(key(a, 'planner', 'swarm', 'k2')).toBeUndefined()
})

test("an operator's passphrase opens the file, from the environment or a file; no other does; it is stored nowhere", () => {
  createKeyFile(path, told)
  expect(existsSync(passphraseFileOf(path))).toBe(false)
  const inFile = join(base, 'passphrase')
  writeFileSync(inFile, 'correct horse\n', { mode: 0o600 })
  const roots = rootsOf(new KeyFile(path, told))
  expect(rootsOf(new KeyFile(path, { ...told, passphrase: '', passphraseFile: inFile }))).toEqual(roots)
  const wrong = failure(() => new KeyFile(path, { ...told, passphrase: 'incorrect horse' }).read())
  expect(wrong.code).toBe('E_KEYS_PASSPHRASE')
  expect(wrong.message).not.toContain('horse')
  expect(failure(() => new KeyFile(path, { ...told, passphrase: '' }).read())).toMatchObject({ code: 'E_KEYS_PASSPHRASE' })
  chmodSync(inFile, 0o640)
  expect(failure(() => new KeyFile(path, { ...told, passphrase: '', passphraseFile: inFile }).read())).toMatchObject({
    code: 'E_KEYS_MODE'
  })
  expect(readFileSync(path, 'utf8')).not.toContain('horse')
})

test('who was told what the passphrase was stretched to opens the file without it', () => {
  const fileKey = createKeyFile(path, told).unlocked
  expect(rootsOf(new KeyFile(path, { ...told, passphrase: '', fileKey }))).toEqual(rootsOf(new KeyFile(path, told)))
  expect(failure(() => new KeyFile(path, { ...told, fileKey: 'ab'.repeat(32) }).read())).toMatchObject({ code: 'E_KEYS_PASSPHRASE' })
})

test('a file that others may read, that is missing or that is something else is refused, and its content is not shown', () => {
  createKeyFile(path)
  expect(failure(() => openKeyring(join(base, 'none.json')))).toMatchObject({ code: 'E_KEYS_INVALID' })
  chmodSync(path, 0o644)
  expect(failure(() => openKeyring(path))).toMatchObject({ code: 'E_KEYS_MODE' })
  chmodSync(path, 0o600)
  const good = JSON.parse(readFileSync(path, 'utf8')) as { kdf: object }
  const asks = (kdf: object): string => JSON.stringify({ ...good, kdf: { ...good.kdf, ...kdf } })
  const old = '{"triage_keys":1,"current":"k1","roots":{"k1":"c2hvcnQ="}}'
  for (const text of [old, 'hunter2', 'null', '{}', asks({ N: 2 ** 30 }), asks({ N: 1000 }), asks({ r: 0 }), asks({ name: 'none' })]) {
    writeFileSync(path, text)
    const error = failure(() => openKeyring(path))
    expect([text, error.code]).toEqual([text, 'E_KEYS_INVALID'])
    expect(error.message).not.toContain('hunter2')
    expect(error.message).not.toContain('c2hv')
  }
})

test('any altered byte of the file is noticed', () => {
  createKeyFile(path)
  const text = readFileSync(path, 'utf8')
  const meaning = (json: string): string =>
    JSON.stringify(JSON.parse(json), (_, part) => (typeof part === 'string' ? Buffer.from(part, 'base64') : part))
  for (let at = 0; at < text.length - 1; at += 7) {
    const altered = `${text.slice(0, at)}${text[at] === 'A' ? 'B' : 'A'}${text.slice(at + 1)}`
    writeFileSync(path, altered)
    try {
      openKeyring(path)
      // The last digit of a base64 number may carry bits that mean nothing.
      expect(meaning(altered)).toBe(meaning(text))
    } catch (error) {
      expect([at, (error as TriageError).code]).toEqual([at, expect.stringMatching(/^E_KEYS_(INVALID|PASSPHRASE)$/)])
    }
  }
})

test('a rotation: followed by a ring that is open; a retired key holds for what came before, not for what comes after', async () => {
  const file = createKeyFile(path)
  const ring = openKeyring(path)
  vi.useFakeTimers({ toFake: ['performance', 'Date'] })
  try {
    const steps: string[] = []
    await rotate(file, async (what) => {
      vi.advanceTimersByTime(1_000)
      steps.push(`${what}: ${JSON.stringify(ring.held)}`)
    })
    expect(steps).toEqual([
      'have the key k2: {"signs_with":"k1","accepts":["k1","k2"]}',
      'sign with the key k2: {"signs_with":"k2","accepts":["k1","k2"]}'
    ])
    expect(ring.key('a', 'b', 'k1', Date.now())).not.toBeNull()
    file.update((versions) => retire(versions, 'k1', Date.now(), true))
    vi.advanceTimersByTime(1_000)
    expect(ring.key('a', 'b', 'k1', Date.now())).toBeNull()
    expect(ring.key('a', 'b', 'k1', Date.now() - 1_001)).not.toBeNull()
    expect(ring.held).toEqual({ signs_with: 'k2', accepts: ['k2'] })
  } finally {
    vi.useRealTimers()
  }
})

test('a key that is new is known at once, and a file that becomes unreadable changes nothing', async () => {
  const file = createKeyFile(path)
  const ring = openKeyring(path)
  await rotate(file, everybody)
  expect(ring.key('a', 'b', 'k2', Date.now())).not.toBeNull()
  chmodSync(path, 0o666)
  writeFileSync(path, 'nothing')
  expect(ring.key('a', 'b', 'k3', Date.now())).toBeNull()
  expect(ring.trouble).toMatchObject({ code: 'E_KEYS_MODE' })
  expect(ring.current).toBe('k2')
})

test('what a vault sealed opens with its name alone, also after the key retired, and not when it was altered', async () => {
  const file = createKeyFile(path)
  const vault = new Vault(openKeyring(path), 'undo')
  const sealed = vault.seal('{"password":"hunter2"}')
  expect(sealed).not.toContain('hunter2')
  await rotate(file, everybody)
  file.update((versions) => retire(versions, 'k1', Date.now(), true))
  expect(new Vault(openKeyring(path), 'undo').open(sealed)).toBe('{"password":"hunter2"}')
  for (const [name, text] of [
    ['journal', sealed],
    ['undo', sealed.replace('k1', 'k2')],
    ['undo', sealed.replace('k1', 'k9')],
    ['undo', `${sealed.slice(0, -8)}AAAAAAA=`],
    ['undo', '']
  ] as const)
    expect(failure(() => new Vault(openKeyring(path), name).open(text))).toMatchObject({ code: 'E_KEYS_INVALID' })
})

test('one process changes the keys at a time; one that died doing it does not stand in the way', async () => {
  const file = createKeyFile(path)
  using held = file.lock()
  await expect(rotate(new KeyFile(path), everybody)).rejects.toMatchObject({ code: 'E_KEYS_BUSY' })
  held[Symbol.dispose]()
  const gone = spawn(process.execPath, ['-e', ''])
  await once(gone, 'exit')
  writeFileSync(`${path}.lock`, String(gone.pid))
  await rotate(file, everybody)
  writeFileSync(`${path}.lock`, '')
  await expect(rotate(file, everybody)).rejects.toMatchObject({ code: 'E_KEYS_BUSY' })
  utimesSync(`${path}.lock`, 0, 0)
  await expect(rotate(file, everybody)).rejects.toMatchObject({ code: 'E_KEYS_TOO_SOON' })
  expect(existsSync(`${path}.lock`)).toBe(false)
})

test('a rotation whose processes do not follow stops before anybody signs with the new key', async () => {
  const file = createKeyFile(path)
  await expect(rotate(file, () => Promise.reject(new Error('planner is deaf')))).rejects.toThrow('planner is deaf')
  expect(openKeyring(path).held).toEqual({ signs_with: 'k1', accepts: ['k1', 'k2'] })
  await rotate(file, everybody)
  expect(openKeyring(path).held).toEqual({ signs_with: 'k2', accepts: ['k1', 'k2'] })
})
