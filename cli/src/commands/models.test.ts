import { startModelServer } from '@triage/model-server'
import { Command } from 'commander'
import { afterEach, expect, test, vi } from 'vitest'
import { modelsCommand } from './models.ts'

afterEach(() => {
  vi.unstubAllEnvs()
  vi.restoreAllMocks()
})

/** What the command prints, with these variables. */
async function print(env: Record<string, string>, ...args: string[]): Promise<string> {
  const none = { OPENAI_BASE_URL: '', OPENAI_API_BASE: '', OPENAI_API_KEY: '' }
  for (const [name, value] of Object.entries({ ...none, ...env })) vi.stubEnv(name, value)
  const log = vi.spyOn(console, 'log').mockImplementation(() => {})
  await new Command()
    .option('--data <folder>', '', '.')
    .option('--json')
    .addCommand(modelsCommand())
    .parseAsync(['models', ...args], { from: 'user' })
  return log.mock.calls.join('\n')
}

test('models that answer, those that a planner would ask, and why not', async () => {
  await using server = await startModelServer({ script: [] })
  const env = {
    OLLAMA_HOST: server.ollama_url,
    TRIAGE_MODEL_FAST: 'ollama/scripted:1b',
    TRIAGE_MODEL_SMART: 'ollama/gone:70b',
    TRIAGE_MODEL_EMBED: 'ollama/gone-embed'
  }
  expect(JSON.parse(await print(env, '--json'))).toMatchObject({
    servers: [{ provider: 'ollama', models: [{ id: 'ollama/scripted:1b', context_tokens: 8192 }], error: null }],
    chain: [
      { role: 'fast', id: 'ollama/scripted:1b', context_tokens: 8192, error: null },
      { role: 'smart', id: 'ollama/gone:70b', error: { code: 'E_MODEL_MISSING' } },
      { role: 'rulebook' }
    ],
    embed: { role: 'embed', id: 'ollama/gone-embed', error: { code: 'E_MODEL_MISSING' } }
  })
  const text = await print(env)
  for (const said of ['scripted:1b  1.3 GB  8192 tokens', 'run `ollama pull gone:70b`', 'run `ollama pull gone-embed`', 'rulebook'])
    expect(text).toContain(said)
})

test('a model is pulled first; without a name the rulebook plans alone', async () => {
  await using server = await startModelServer({ script: [] })
  const env = { OLLAMA_HOST: server.ollama_url, TRIAGE_MODEL_FAST: '', TRIAGE_MODEL_SMART: '' }
  const text = await print(env, '--pull', 'ollama/new:1b')
  for (const said of ['ollama/new:1b', 'the rulebook plans alone']) expect(text).toContain(said)
})
