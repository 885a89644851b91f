import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { readConfig } from '@triage/config'
import { tempFolder } from '@triage/runtime/testing'
import { expect, test } from 'vitest'
import { openRuntime, runtimeSettings } from './runtime.ts'

const url = 'http://127.0.0.1:1'
const open = (env: Record<string, string>) => openRuntime(readConfig(runtimeSettings, { TRIAGE_RUNTIME_URL: url, ...env }))
const docker = { TRIAGE_RUNTIME: 'docker', TRIAGE_RUNTIME_TOKEN: 'secret' }

test('a process is told which runtime it looks at', async () => {
  expect((await open({ TRIAGE_RUNTIME_TOKEN: 'secret' })).kind).toBe('process')
  expect((await open({ ...docker, TRIAGE_PROJECT: 'shop' })).kind).toBe('docker')
})

test.each([
  ['no token', {}, 'TRIAGE_RUNTIME_TOKEN'],
  ['no such runtime', { TRIAGE_RUNTIME: 'podman', TRIAGE_RUNTIME_TOKEN: 'secret' }, 'podman'],
  ['no project', docker, 'TRIAGE_PROJECT'],
  ['no such vantage', { ...docker, TRIAGE_PROJECT: 'shop', TRIAGE_VANTAGE: 'moon' }, 'moon']
])('%s: it is said, with the name of the variable or its value', async (_, env, told) => {
  await expect(open(env as Record<string, string>)).rejects.toMatchObject({ code: 'E_CONFIG', message: expect.stringContaining(told) })
})

test('a token may lie in a file that nobody else may read', async () => {
  using folder = tempFolder()
  const file = (mode: number) => {
    const path = join(folder.path, `token-${mode}`)
    writeFileSync(path, 'secret\n', { mode })
    return { TRIAGE_RUNTIME_TOKEN_FILE: path }
  }
  expect((await open(file(0o600))).kind).toBe('process')
  await expect(open(file(0o644))).rejects.toMatchObject({ code: 'E_KEYS_MODE' })
})
