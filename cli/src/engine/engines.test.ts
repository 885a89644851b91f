import { once } from 'node:events'
import { readdir, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { startModelServer } from '@triage/model-server'
import { freePort } from '@triage/ports'
import { tempFolder } from '@triage/runtime/testing'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Engines } from './engines.ts'
import { modelFile, type Spec } from './spec.ts'
import { engineStates, wayStates } from './states.ts'

const noDocker = 'unix:///nowhere/docker.sock'
const spec = (change: Partial<Spec> = {}): Spec => ({
  name: 'one',
  model: 'scripted:1b',
  kinds: ['ollama'],
  image: null,
  context_tokens: 512,
  gpu_layers: 0,
  memory_mb: 512,
  ...change
})
const options = { port: null, timeoutMs: 20_000 }
const answer = { does: 'answer', text: 'Hi', finish: 'length' } as const

beforeEach(() => {
  const none = { OLLAMA_HOST: 'http://127.0.0.1:9', OPENAI_BASE_URL: '', OPENAI_API_BASE: '', OPENAI_API_KEY: '', PATH: '' }
  for (const [name, value] of Object.entries(none)) vi.stubEnv(name, value)
})
afterEach(() => vi.unstubAllEnvs())

test('a server that is there is adopted once its model has answered a token, and runs on when the engine is down', async () => {
  await using folder = tempFolder()
  await using server = await startModelServer({ script: [{ does: 'fail', status: 503, message: 'loading model' }, answer] })
  vi.stubEnv('OLLAMA_HOST', server.ollama_url)
  const engines = new Engines(folder.path, noDocker)
  const { record, started } = await engines.up(spec(), options)
  expect(record).toMatchObject({ at: { place: 'adopted' }, port: null, client: { id: 'ollama/scripted:1b' } })
  expect([started, server.asked.length]).toEqual([false, 2])
  expect(server.asked.at(-1)!.body).toMatchObject({ options: { num_predict: 1 } })
  expect(await engineStates(engines)).toMatchObject([{ down: null }])
  await engines.down('one', { forget: true })
  expect(await readdir(folder.path)).toEqual([])
  await engines.up(spec(), options)
})

test('a model on the port that is asked for is adopted in either protocol; anything else there is in the way', async () => {
  await using folder = tempFolder()
  await using server = await startModelServer({ script: [answer] })
  const engines = new Engines(folder.path, noDocker)
  const port = Number(new URL(server.ollama_url).port)
  const { record } = await engines.up(spec({ kinds: ['llama'] }), { ...options, port })
  expect(record.client).toEqual({ id: 'openai-compatible/scripted:1b', env: { OPENAI_BASE_URL: server.openai_url } })
})

test('one that never answers is given up, with its last error', async () => {
  await using folder = tempFolder()
  await using server = await startModelServer({ script: [{ does: 'hang' }] })
  vi.stubEnv('OLLAMA_HOST', server.ollama_url)
  const engines = new Engines(folder.path, noDocker)
  await expect(engines.up(spec(), { ...options, timeoutMs: 500 })).rejects.toMatchObject({ code: 'E_TIMEOUT' })
  expect(await engines.records.all()).toEqual([])
})

test('where there is no way, each is named with why not', async () => {
  await using folder = tempFolder()
  const engines = new Engines(folder.path, noDocker)
  const none = await engines.up(spec({ kinds: ['llama', 'ollama'] }), options).catch((error) => error)
  expect(none).toMatchObject({ code: 'E_ENGINE_NONE' })
  for (const said of [
    'a server that has the model: none answers',
    'no such socket',
    'llama-server is not on PATH',
    'ollama is not on PATH'
  ])
    expect(none.message).toContain(said)
  expect((await wayStates(engines)).map(({ why }) => why !== null)).toEqual([true, true, true, true])
})

/** A program of this name on PATH. */
async function program(folder: string, name: string, script: string): Promise<void> {
  await writeFile(join(folder, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 })
  vi.stubEnv('PATH', `${folder}:/usr/bin:/bin`)
}

test('a program that ends is told with its last words, and leaves nothing but its port, which is taken again', async () => {
  await using folder = tempFolder()
  await program(folder.path, 'ollama', 'echo no room for the model; exit 3')
  const engines = new Engines(join(folder.path, 'engines'), noDocker)
  const failed = () => engines.up(spec(), options).catch((error) => error)
  expect(await failed()).toMatchObject({ code: 'E_ENGINE_ENDED', message: 'it ended with 3\nno room for the model' })
  expect(await readdir(engines.records.folder)).toEqual(['one.json'])
  const { port } = await engines.records.get('one')
  await failed()
  expect((await engines.records.get('one')).port).toBe(port)
  await using other = createServer((socket) => socket.destroy()).listen(port!, '127.0.0.1')
  await once(other, 'listening')
  await failed()
  expect((await engines.records.get('one')).port).not.toBe(port)
  expect(await engines.up(spec(), { ...options, port }).catch((error) => error)).toMatchObject({ code: 'E_PORT_IN_USE' })
})

test('a program that outlives who started it is found again and ended, unless its number has another owner by now', async () => {
  await using folder = tempFolder()
  await program(folder.path, 'ollama', 'exec sleep 300')
  const port = await freePort()
  const engines = new Engines(join(folder.path, 'engines'), noDocker)
  const interrupted = new AbortController()
  const gone = engines.up(spec(), { ...options, port, signal: interrupted.signal }).catch((error) => error)
  const started = await vi.waitUntil(() => engines.records.find('one').catch(() => null), { timeout: 10_000 })
  const again = new Engines(engines.records.folder, noDocker)
  expect(await again.serverOf(started)!.ended()).toBeNull()
  const another = { ...started, at: { ...started.at!, process: { ...started.at!.process!, started: 'later' } } }
  expect(await again.serverOf(another)!.ended()).toBe('its process is gone')
  await again.down('one')
  expect(await again.serverOf(started)!.ended()).toBe('its process is gone')
  interrupted.abort(new Error('never mind'))
  await gone
})

test('a name that is none, an engine that is none, a file that is no model', async () => {
  await using folder = tempFolder()
  const engines = new Engines(folder.path, noDocker)
  await expect(engines.up(spec({ name: '../up' }), options)).rejects.toMatchObject({ code: 'E_USAGE' })
  await expect(engines.down('two')).rejects.toMatchObject({ code: 'E_ENGINE_UNKNOWN' })
  const text = join(folder.path, 'text.gguf')
  await writeFile(text, 'GG')
  for (const path of [text, folder.path, join(folder.path, 'none.gguf')])
    await expect(modelFile(path)).rejects.toMatchObject({ code: 'E_ENGINE_MODEL' })
})
