// Engines as their users start them: real servers with a real small model, in containers and as programs on PATH.
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir } from 'node:fs/promises'
import { createServer } from 'node:net'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { surveyModels } from '@triage/model'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { localEngine } from '../commands/discover.ts'
import { dataPaths } from '../launcher/folders.ts'
import { Containers } from './container.ts'
import { Engines } from './engines.ts'
import type { EngineRecord } from './records.ts'
import { engineStates } from './states.ts'
import { dockerFor, options, specOf, stage, ways } from './test-engines.ts'

const run = promisify(execFile)

/** What a Docker Engine still has of the engines of a test. */
const leftIn = async (name: string): Promise<string> => {
  const filter = ['--quiet', '--filter', `label=triage.engine=${name}`]
  const [containers, volumes] = await Promise.all([run('docker', ['ps', '--all', ...filter]), run('docker', ['volume', 'ls', ...filter])])
  return containers.stdout + volumes.stdout
}

const exitOf = async (child: ChildProcess): Promise<number | null> => {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  return child.exitCode
}

// A server that happens to run here would be adopted.
beforeEach(() => {
  vi.stubEnv('OLLAMA_HOST', 'http://127.0.0.1:9')
  vi.stubEnv('OPENAI_BASE_URL', '')
})
afterEach(() => vi.unstubAllEnvs())

test.for(ways)('$kind as a $place: up, asked, found again, down', async (way, context) => {
  await using own = await stage(context, way.place, way.kind)
  const { engines } = own
  const spec = await specOf(way.kind)
  const { record, started } = await engines.up(spec, options)
  expect([started, record.at]).toMatchObject([true, way])
  const provider = record.client.id.split('/')[0]
  const found = (await surveyModels(record.client.env)).find((server) => server.provider === provider)
  expect(found).toMatchObject({ error: null, models: [{ id: expect.stringContaining(record.client.id) }] })
  expect(await engines.serverOf(record)!.logs(50)).toMatch(/\S/)
  // As another command finds it.
  const later = new Engines(engines.records.folder, dockerFor(way.place))
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

test.for(ways)('at Ctrl-C the command stops its $kind as a $place, unless it was there before', async ({ place, kind }, context) => {
  await using own = await stage(context, place, kind)
  vi.stubEnv('DOCKER_HOST', dockerFor(place))
  const program = join(import.meta.dirname, '../main.ts')
  const up = async (...more: string[]) => {
    const command = [program, '--data', own.folder, '--json', 'engine', 'up', process.env.TRIAGE_TEST_GGUF!, '--kind', kind, ...more]
    const child = spawn(process.execPath, command, { stdio: ['ignore', 'pipe', 'inherit'] })
    let said = ''
    for await (const chunk of child.stdout) {
      said += chunk
      if (said.endsWith('}\n')) break
    }
    return { child, record: JSON.parse(said) as EngineRecord & { started: boolean } }
  }
  const first = await up()
  const second = await up('--name', 'second', '--port', `${first.record.port}`)
  expect([first.record.started, second.record.started, second.record.at?.place]).toEqual([true, false, 'adopted'])
  expect(await exitOf(second.child)).toBe(0)
  const engines = new Engines(dataPaths(own.folder).engines, dockerFor(place))
  expect(await engineStates(engines)).toMatchObject([{ down: null }, { down: null }])
  first.child.kill('SIGINT')
  await exitOf(first.child)
  expect(await engines.serverOf(first.record)!.ended()).toContain('gone')
})

test('two engines stand side by side, and another one of the same model is adopted from them', async (context) => {
  await using own = await stage(context, 'container', 'llama', 'ollama')
  const [llama, ollama] = [await own.engines.up(await specOf('llama'), options), await own.engines.up(await specOf('ollama'), options)]
  expect(await engineStates(own.engines)).toMatchObject([{ down: null }, { down: null }])
  expect(llama.record.port).not.toBe(ollama.record.port)
  const adopted = await own.engines.up({ ...(await specOf('llama')), name: 'third' }, { ...options, port: llama.record.port! })
  expect(adopted).toMatchObject({ started: false, record: { at: { place: 'adopted' }, client: llama.record.client } })
  await own.engines.down('third')
  expect(await engineStates(own.engines)).toMatchObject([{ down: null }, { down: null }, { down: 'not started' }])
})

test('a container has its limits, its file to read and nothing else, on the loopback', async (context) => {
  await using own = await stage(context, 'container', 'llama')
  const spec = await specOf('llama')
  const { record } = await own.engines.up(spec, options)
  const { stdout } = await run('docker', ['ps', '--quiet', '--filter', 'label=triage.engine=llama', '--filter', `publish=${record.port}`])
  const inspected = await run('docker', ['inspect', stdout.trim()])
  const [{ HostConfig, Mounts, Args }] = JSON.parse(inspected.stdout)
  expect(Mounts).toMatchObject([{ Type: 'bind', Source: spec.model, RW: false }])
  expect(HostConfig).toMatchObject({
    Memory: spec.memory_mb * 1024 ** 2,
    MemorySwap: spec.memory_mb * 1024 ** 2,
    ReadonlyRootfs: true,
    CapDrop: ['ALL'],
    PortBindings: { '8080/tcp': [{ HostIp: '127.0.0.1', HostPort: `${record.port}` }] }
  })
  expect(Args.join(' ')).toContain(
    `--ctx-size ${spec.context_tokens} --n-gpu-layers 0 --threads ${Math.max(1, availableParallelism() - 1)}`
  )
})

test('a container that is too small for its model says so and leaves nothing', async (context) => {
  await using own = await stage(context, 'container', 'llama')
  const spec = { ...(await specOf('llama')), name: 'small', memory_mb: 32 }
  await expect(own.engines.up(spec, options)).rejects.toMatchObject({
    code: 'E_ENGINE_ENDED',
    message: expect.stringContaining('more memory than its 32 MB')
  })
  expect(await leftIn('small')).toBe('')
})

test('an image that is neither here nor to be had is passed over, with the command that fetches it', async () => {
  const image = 'triage.invalid/llama:none'
  const why = await new Containers(localEngine(), '.').whyNot(image, {})
  expect(why).toContain(`docker pull ${image}`)
})

test('a port that is taken is in the way', async (context) => {
  await using own = await stage(context, 'container', 'llama')
  await using other = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1')
  await once(other, 'listening')
  const { port } = other.address() as { port: number }
  await expect(own.engines.up(await specOf('llama'), { ...options, port })).rejects.toMatchObject({ code: 'E_PORT_IN_USE' })
  expect(await leftIn('llama')).toBe('')
})
