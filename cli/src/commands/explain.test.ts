import { Readable } from 'node:stream'
import { TriageError } from '@triage/contracts'
import { Command } from 'commander'
import { afterEach, expect, test, vi } from 'vitest'
import { hintOf } from '../render/explanation.ts'
import { explainCommand } from './explain.ts'

afterEach(() => {
  vi.restoreAllMocks()
  vi.unstubAllEnvs()
  process.exitCode = undefined
})

async function explained(args: string[], input = ''): Promise<string> {
  vi.spyOn(process, 'stdin', 'get').mockReturnValue(Readable.from([Buffer.from(input)]) as typeof process.stdin)
  const log = vi.spyOn(console, 'log').mockImplementation(() => {})
  await new Command()
    .option('--data <folder>', '', '.')
    .option('--json')
    .addCommand(explainCommand())
    .parseAsync(['explain', ...args], { from: 'user' })
  return String(log.mock.lastCall)
}

test('an error that is given or piped in has a what, a why and fixes', async () => {
  const refused = 'Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?'
  expect(await explained(['--error', refused])).toContain('The Docker Engine does not answer.')
  expect(JSON.parse(await explained(['--json'], `${'Step 1\n'.repeat(2000)}${refused}\n`))).toMatchObject({
    what: 'The Docker Engine does not answer.',
    fixes: [expect.stringContaining('systemctl start docker'), expect.any(String)]
  })
})

test('what nobody knows is said to be so, and fails', async () => {
  expect(await explained(['--error', 'the moon is full'])).toContain('is not among those')
  expect(process.exitCode).toBe(1)
})

test('nothing, and both, are refused', async () => {
  await expect(explained([])).rejects.toMatchObject({ code: 'E_USAGE' })
  await expect(explained(['last', '--error', 'x'])).rejects.toMatchObject({ code: 'E_USAGE' })
})

test('models word incidents; which one, and where its answers are kept, is asked for before a swarm is looked for', async () => {
  for (const name of ['TRIAGE_MODEL_FAST', 'TRIAGE_MODEL_SMART', 'TRIAGE_MODEL_RECORD', 'TRIAGE_MODEL_REPLAY']) vi.stubEnv(name, '')
  await expect(explained(['--error', 'x', '--model', 'ollama/a'])).rejects.toMatchObject({ code: 'E_USAGE' })
  await expect(explained(['last', '--model'])).rejects.toMatchObject({
    code: 'E_USAGE',
    message: expect.stringContaining('TRIAGE_MODEL_SMART')
  })
  await expect(explained(['last', '--replay', '.'])).rejects.toMatchObject({ code: 'E_USAGE' })
  const none = ['last', '--model', 'ollama/a', '--replay', '/nowhere']
  await expect(explained(none)).rejects.toMatchObject({ code: 'E_CASSETTE', message: expect.stringContaining('/nowhere') })
  vi.stubEnv('TRIAGE_MODEL_RECORD', '/tmp')
  await expect(explained(none)).rejects.toMatchObject({ code: 'E_CONFIG' })
})

test("a container engine's error comes with a hint, where its cause is known", () => {
  const cause = Object.assign(new Error('connect ENOENT /var/run/docker.sock'), { code: 'ENOENT' })
  expect(hintOf(new TriageError('E_RUNTIME_UNREACHABLE', 'it does not answer', { cause }))).toContain('`systemctl start docker`')
  expect(hintOf(new TriageError('E_RUNTIME_FAILED', 'x', { cause: new Error('the moon is full') }))).toBeNull()
  expect(hintOf(new TriageError('E_NOT_UP', 'x', { cause }))).toBeNull()
})
