import { execFileSync } from 'node:child_process'
import { TriageError } from '@triage/contracts'
import { expect, test } from 'vitest'
import { exitOf } from './describe.ts'
import { dockerRuntime } from './driver.ts'
import { Engine } from './engine.ts'
import { residentBytes } from './stats.ts'

const engine = new Engine({ url: 'unix:///var/run/docker.sock' })
const answered = (statusCode: number, message: string) =>
  Object.assign(new Error(`(HTTP code ${statusCode}) x - ${message} `), { statusCode, json: { message } })

test.each([
  ['E_RUNTIME_FORBIDDEN', answered(403, 'A reader may not do this')],
  ['E_RUNTIME_UNKNOWN_TARGET', answered(404, 'No such container: x')],
  ['E_RUNTIME_IMAGE_MISSING', answered(404, 'No such image: x:1')],
  ['E_RUNTIME_CONFLICT', answered(409, 'Conflict. The container name "/x" is already in use by container "y".')],
  ['E_RUNTIME_UNREACHABLE', answered(503, 'The Docker Engine at /var/run/docker.sock does not answer')],
  ['E_RUNTIME_FAILED', answered(500, 'driver failed programming external connectivity')],
  ['E_RUNTIME_FORBIDDEN', Object.assign(new Error('connect EACCES'), { code: 'EACCES' })],
  ['E_RUNTIME_UNREACHABLE', Object.assign(new Error('connect ENOENT'), { code: 'ENOENT' })],
  ['E_RUNTIME_UNREACHABLE', Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' })],
  ['E_TIMEOUT', new TriageError('E_TIMEOUT', 'late')]
])('%s', (code, failure) => {
  const error = engine.errorOf(failure)
  expect(error.code).toBe(code)
  expect(error.message).not.toContain('HTTP code')
})

test('without a socket every call says so, and what to do', async () => {
  const runtime = dockerRuntime({ url: 'unix:///nowhere/docker.sock', project: 'x' })
  const refused = { code: 'E_RUNTIME_UNREACHABLE', message: expect.stringContaining('there is no such socket') }
  const calls = [runtime.list(), runtime.inspect('x'), runtime.logs('x'), runtime.stats(), runtime.restart('x')]
  await Promise.all(calls.map((call) => expect(call).rejects.toMatchObject(refused)))
  await expect(dockerRuntime({ url: 'http://127.0.0.1:1', project: 'x' }).list()).rejects.toMatchObject({ code: 'E_RUNTIME_UNREACHABLE' })
  expect(() => dockerRuntime({ url: 'ssh://host', project: 'x' })).toThrow(expect.objectContaining({ code: 'E_CONFIG' }))
})

test('memory is told without the page cache, on either version of cgroups', () => {
  const bytes = (usage: number, stats: object) => residentBytes({ memory_stats: { usage, stats } } as never)
  expect(bytes(100, { total_rss: 30, total_inactive_file: 60 })).toBe(30)
  expect(bytes(100, { anon: 40, inactive_file: 50 })).toBe(40)
  expect(bytes(100, { inactive_file: 50 })).toBe(50)
  expect(residentBytes({ memory_stats: {} } as never)).toBe(0)
})

test('an exit code beyond 128 is a signal', () => {
  expect([0, 1, 137, 143, 255].map(exitOf)).toEqual([
    { exit_code: 0 },
    { exit_code: 1 },
    { exit_signal: 'SIGKILL' },
    { exit_signal: 'SIGTERM' },
    { exit_code: 255 }
  ])
})

test('a process that does not use the Docker driver does not load it', () => {
  const script = `
    import '@triage/runtime'
    import { createRequire } from 'node:module'
    console.log(Object.keys(createRequire(import.meta.url).cache).filter((path) => path.includes('dockerode')).length)`
  const count = execFileSync(process.execPath, ['--input-type=module', '-e', script], { cwd: import.meta.dirname })
    .toString()
    .trim()
  expect(count).toBe('0')
})
