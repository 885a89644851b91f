import { tempFolder } from '@triage/runtime/testing'
import { Command } from 'commander'
import { afterEach, expect, test, vi } from 'vitest'
import { engineCommand } from './engine.ts'

afterEach(() => vi.unstubAllEnvs())

/** What `engine status` prints, with these variables. */
async function status(env: Record<string, string>, ...flags: string[]): Promise<string> {
  const none = { PATH: '', DOCKER_HOST: 'unix:///nowhere/docker.sock', OLLAMA_HOST: 'http://127.0.0.1:9' }
  for (const [name, value] of Object.entries({ ...none, ...env })) vi.stubEnv(name, value)
  await using folder = tempFolder()
  using log = vi.spyOn(console, 'log').mockImplementation(() => {})
  await new Command()
    .option('--data <folder>')
    .option('--json')
    .addCommand(engineCommand())
    .parseAsync(['--data', folder.path, ...flags, 'engine', 'status'], { from: 'user' })
  return log.mock.calls.join('\n')
}

test('status names the ways in which a model comes to be served, and who plans when it fails, each in its order and with why not', async () => {
  const env = { TRIAGE_MODEL_FAST: 'ollama/small:1b', TRIAGE_MODEL_SMART: 'ollama/large:70b' }
  const { engines, ways, chain } = JSON.parse(await status(env, '--json'))
  expect(engines).toEqual([])
  expect(ways).toMatchObject([
    { way: expect.stringContaining('container of ghcr.io/ggml-org/llama.cpp'), why: expect.stringContaining('no such socket') },
    { way: expect.stringContaining('container of ollama/ollama'), why: expect.stringContaining('no such socket') },
    { way: 'llama-server on PATH', why: 'llama-server is not on PATH' },
    { way: 'ollama on PATH', why: 'ollama is not on PATH' }
  ])
  expect(chain).toMatchObject([
    { role: 'fast', id: 'ollama/small:1b', error: { code: 'E_MODEL_UNREACHABLE' } },
    { role: 'smart', id: 'ollama/large:70b', error: { code: 'E_MODEL_UNREACHABLE' } },
    { role: 'rulebook' }
  ])
  const text = await status(env)
  const said = ['a server that answers', 'container of ghcr.io', 'llama-server on PATH', 'small:1b', 'large:70b', 'rulebook']
  const places = said.map((words) => text.indexOf(words))
  expect(places).toEqual(places.toSorted((a, b) => a - b))
  expect(places[0]).toBeGreaterThanOrEqual(0)
})
