// Engines as their users start them: real servers with a real small model, in containers and as programs on PATH.
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempDisposable, readdir, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { surveyModels } from '@triage/model'
import { tempFolder } from '@triage/runtime/testing'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { localEngine } from '../commands/discover.ts'
import { Containers } from './container.ts'
import { Engines } from './engines.ts'
import { modelFile, type Spec } from './spec.ts'
import { engineStates } from './states.ts'
import type { Way } from './ways.ts'

const run = promisify(execFile)
const gguf = process.env.TRIAGE_TEST_GGUF
const options = { port: null, timeoutMs: 120_000 }
const noDocker = 'unix:///nowhere/docker.sock'

const specOf = async (kind: Way['kind'], change: Partial<Spec> = {}): Promise<Spec> => ({
  name: kind,
  model: (await modelFile(gguf!)).path,
  kinds: [kind],
  image: null,
  context_tokens: 1024,
  gpu_layers: 0,
  memory_mb: 2048,
  ...change
})

/** What a Docker Engine still has of the engines of a test. */
const leftIn = async (name: string): Promise<string> => {
  const filter = ['--quiet', '--filter', `label=triage.engine=${name}`]
  const [containers, volumes] = await Promise.all([run('docker', ['ps', '--all', ...filter]), run('docker', ['volume', 'ls', ...filter])])
  return containers.stdout + volumes.stdout
}

/** Where llama.cpp's server is only an image, a program of its name runs that on the network and the files of this machine. */
async function shimLlama(folder: string): Promise<void> {
  const script = '#!/bin/sh\nexec docker run --rm --init --network host --volume "$2:$2:ro" ghcr.io/ggml-org/llama.cpp:server "$@"\n'
  await writeFile(join(folder, 'llama-server'), script, { mode: 0o755 })
  vi.stubEnv('PATH', `${process.env.PATH}:${folder}`)
}

// A server that happens to run here would be adopted.
beforeEach(() => {
  vi.stubEnv('OLLAMA_HOST', 'http://127.0.0.1:9')
  vi.stubEnv('OPENAI_BASE_URL', '')
})
afterEach(() => vi.unstubAllEnvs())

/** Engines on a folder of their own; whatever they started is taken down. */
function stage(dockerUrl: string) {
  const folder = tempFolder()
  const engines = new Engines(folder.path, dockerUrl)
  return {
    engines,
    folder: folder.path,
    [Symbol.asyncDispose]: async () => {
      for (const { spec } of await engines.records.all()) await engines.down(spec.name, { forget: true })
      folder[Symbol.dispose]()
    }
  }
}

const ways: Way[] = (['container', 'program'] as const).flatMap((place) => (['llama', 'ollama'] as const).map((kind) => ({ place, kind })))

test.for(ways)('$kind as a $place: up, asked, found again, down', async (way, context) => {
  if (!gguf) return context.skip('TRIAGE_TEST_GGUF names no model')
  await using own = stage(way.place === 'container' ? localEngine() : noDocker)
  const { engines } = own
  await using bin = await mkdtempDisposable(join(tmpdir(), 'triage-bin-'))
  await shimLlama(bin.path)
  const why = await engines.whyNot(way)
  if (why) return context.skip(why)
  const spec = await specOf(way.kind)
  const { record, started } = await engines.up(spec, options)
  expect([started, record.at]).toMatchObject([true, way])
  const provider = record.client.id.split('/')[0]
  const found = (await surveyModels(record.client.env)).find((server) => server.provider === provider)
  expect(found).toMatchObject({ error: null, models: [{ id: expect.stringContaining(record.client.id) }] })
  expect(await engines.serverOf(record)!.logs(50)).toMatch(/\S/)
  // As another command finds it.
  const later = new Engines(engines.records.folder, way.place === 'container' ? localEngine() : noDocker)
  expect(await later.up(spec, options)).toEqual({ record, started: false })
  await expect(later.up({ ...spec, context_tokens: 2048 }, options)).rejects.toMatchObject({ code: 'E_ENGINE_UP' })
  await later.stop(spec.name)
  expect(await engineStates(later)).toMatchObject([{ down: expect.stringContaining('gone') }])
  const again = await later.up(spec, options)
  expect([again.started, again.record.port]).toEqual([true, record.port])
  await later.down(spec.name, { forget: true })
  expect(await readdir(own.folder)).toEqual([])
  if (way.place === 'container') expect(await leftIn(spec.name)).toBe('')
})

test('two engines stand side by side, and another one of the same model is adopted from them', async (context) => {
  if (!gguf) return context.skip('TRIAGE_TEST_GGUF names no model')
  await using own = stage(localEngine())
  const [llama, ollama] = [await own.engines.up(await specOf('llama'), options), await own.engines.up(await specOf('ollama'), options)]
  expect(await engineStates(own.engines)).toMatchObject([{ down: null }, { down: null }])
  expect(llama.record.port).not.toBe(ollama.record.port)
  const adopted = await own.engines.up(await specOf('llama', { name: 'third' }), { ...options, port: llama.record.port! })
  expect(adopted).toMatchObject({ started: false, record: { at: { place: 'adopted' }, client: llama.record.client } })
  await own.engines.down('third')
  expect(await engineStates(own.engines)).toMatchObject([{ down: null }, { down: null }, { down: 'not started' }])
})

test('a container that is too small for its model says so and leaves nothing', async (context) => {
  if (!gguf) return context.skip('TRIAGE_TEST_GGUF names no model')
  await using own = stage(localEngine())
  const spec = await specOf('llama', { name: 'small', memory_mb: 32 })
  await expect(own.engines.up(spec, options)).rejects.toMatchObject({
    code: 'E_ENGINE_ENDED',
    message: expect.stringContaining('more memory than its 32 MB')
  })
  expect(await leftIn('small')).toBe('')
})

test('an image that is neither here nor to be had is passed over, with the command that fetches it', async (context) => {
  if (!gguf) return context.skip('TRIAGE_TEST_GGUF names no model')
  const image = 'triage.invalid/llama:none'
  const why = await new Containers(localEngine(), '.').whyNot(image, {})
  expect(why).toContain(`docker pull ${image}`)
})

test('a port that is taken is in the way', async (context) => {
  if (!gguf) return context.skip('TRIAGE_TEST_GGUF names no model')
  await using own = stage(localEngine())
  await using other = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1')
  await once(other, 'listening')
  const { port } = other.address() as { port: number }
  await expect(own.engines.up(await specOf('llama'), { ...options, port })).rejects.toMatchObject({ code: 'E_PORT_IN_USE' })
  expect(await leftIn('llama')).toBe('')
})
