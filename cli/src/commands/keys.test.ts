// The command on a data folder where nothing runs. With a swarm: test/e2e/launcher.test.ts.
import { execFile } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, expect, test } from 'vitest'

const base = mkdtempSync(join(tmpdir(), 'triage-cli-keys-'))
afterAll(() => rmSync(base, { recursive: true }))
const bin = join(import.meta.dirname, '../../bin/triage.js')

/** What the command prints as JSON, or the code of its error. */
async function keys(data: string, args: string[], env: Record<string, string> = {}): Promise<unknown> {
  const options = { env: { PATH: process.env.PATH, ...env } }
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [bin, '--data', join(base, data), '--json', 'keys', ...args],
    options
  ).catch((error) => error as { stdout: string })
  const said = JSON.parse(stdout) as { error?: { code: string } }
  return said.error?.code ?? said
}

test('init, list, rotate, retire; never a key', async () => {
  expect(await keys('a', ['list'])).toBe('E_KEYS_INVALID')
  expect(await keys('a', ['init'])).toMatchObject({
    keys: [{ id: 'k1', state: 'current' }],
    passphrase_file: join(base, 'a/keys.passphrase')
  })
  expect(await keys('a', ['init'])).toBe('E_KEYS_EXIST')
  expect(await keys('a', ['retire', 'k1', '--leaked'])).toBe('E_USAGE')
  expect(await keys('a', ['rotate'])).toMatchObject([
    { id: 'k1', state: 'previous', retires_at: expect.any(String) },
    { id: 'k2', state: 'current', retires_at: null }
  ])
  expect(await keys('a', ['rotate'])).toBe('E_KEYS_TOO_SOON')
  expect(await keys('a', ['retire', 'k1'])).toBe('E_KEYS_TOO_SOON')
  const after = await keys('a', ['retire', 'k1', '--leaked'])
  expect(after).toMatchObject([{ state: 'retired' }, { state: 'current' }])
  const told = ['id', 'state', 'created_at', 'signs_from', 'retires_at']
  for (const version of (await keys('a', ['list'])) as object[]) expect(Object.keys(version)).toEqual(told)
})

test('a passphrase of the operator: from a file of their own or the environment; each way to be wrong has its code', async () => {
  const file = join(base, 'passphrase')
  writeFileSync(file, 'correct horse\n', { mode: 0o600 })
  const fromFile = { TRIAGE_KEYS_PASSPHRASE_FILE: file }
  expect(await keys('b', ['init'], fromFile)).toMatchObject({ passphrase_file: null })
  expect(await keys('b', ['list'], { TRIAGE_KEYS_PASSPHRASE: 'correct horse' })).toMatchObject([{ id: 'k1' }])
  expect(await keys('b', ['list'], { TRIAGE_KEYS_PASSPHRASE: 'battery staple' })).toBe('E_KEYS_PASSPHRASE')
  expect(await keys('b', ['list'])).toBe('E_KEYS_PASSPHRASE')
  chmodSync(file, 0o644)
  expect(await keys('b', ['list'], fromFile)).toBe('E_KEYS_MODE')
  chmodSync(file, 0o600)
  chmodSync(join(base, 'b/keys.json'), 0o640)
  expect(await keys('b', ['list'], fromFile)).toBe('E_KEYS_MODE')
})
