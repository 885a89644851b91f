import { startModelServer } from '@triage/model-server'
import { Command } from 'commander'
import { afterEach, expect, test, vi } from 'vitest'
import { doctorCommand } from './doctor.ts'

afterEach(() => {
  vi.unstubAllEnvs()
  vi.restoreAllMocks()
  process.exitCode = undefined
})

/** What the command finds out about models, with these variables. */
async function found(env: Record<string, string>): Promise<object> {
  for (const [name, value] of Object.entries({ TRIAGE_MODEL_FAST: '', TRIAGE_MODEL_SMART: '', TRIAGE_MODEL_EMBED: '', ...env }))
    vi.stubEnv(name, value)
  const log = vi.spyOn(console, 'log').mockImplementation(() => {})
  await new Command().option('--data <folder>', '', '.').option('--json').addCommand(doctorCommand()).parseAsync(['doctor', '--json'], {
    from: 'user'
  })
  return JSON.parse(String(log.mock.lastCall)).find(({ what }: { what: string }) => what === 'models')
}

test('no model is needed; one that is named must answer, or it is said what to do', async () => {
  await using server = await startModelServer({ script: [] })
  expect(await found({})).toMatchObject({ ok: null, detail: expect.stringContaining('the rulebook plans alone') })
  const env = { OLLAMA_HOST: server.ollama_url, TRIAGE_MODEL_FAST: 'ollama/scripted:1b' }
  expect(await found(env)).toEqual({ what: 'models', ok: true, detail: 'fast ollama/scripted:1b: 8192 tokens' })
  expect(await found({ ...env, TRIAGE_MODEL_SMART: 'ollama/gone:70b' })).toMatchObject({
    ok: false,
    detail: expect.stringContaining('run `ollama pull gone:70b`'),
    help: expect.stringContaining('rulebook')
  })
  expect(await found({ ...env, TRIAGE_MODEL_EMBED: 'ollama/gone-embed' })).toMatchObject({
    ok: false,
    help: expect.stringContaining('runbooks are found by their words')
  })
})
