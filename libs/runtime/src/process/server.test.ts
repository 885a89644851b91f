import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { TestEnvironment } from './test-environment.ts'

let environment: TestEnvironment
beforeAll(async () => {
  environment = await TestEnvironment.start()
})
afterAll(() => environment?.[Symbol.asyncDispose]())

async function ask(
  path: string,
  init: RequestInit = {},
  token = environment.server.tokens.injector
): Promise<[number, { error?: { code: string } }]> {
  const response = await fetch(environment.server.url + path, { ...init, headers: { authorization: `Bearer ${token}` } })
  return [response.status, (await response.json()) as { error?: { code: string } }]
}

/** What the server says to bytes that are not what a client would send. */
async function raw(bytes: string): Promise<string> {
  const socket = connect(Number(new URL(environment.server.url).port), '127.0.0.1')
  socket.end(bytes)
  return text(socket).catch(() => '')
}

test('no token, a wrong one and a longer one are refused, also for the stream', async () => {
  const { reader } = environment.server.tokens
  for (const token of ['', 'x', `${reader}x`, reader.slice(1)]) {
    for (const path of ['/workloads', '/watch', '/nothing']) {
      expect(await ask(path, {}, token)).toEqual([403, { error: { code: 'E_RUNTIME_FORBIDDEN', message: expect.any(String) } }])
    }
  }
  expect((await ask('/workloads', {}, reader))[0]).toBe(200)
})

test('malformed requests get an error and leave the server up', async () => {
  const launch = (spec: unknown) => ask('/workloads/ticker/beside', { method: 'POST', body: JSON.stringify({ spec }) })
  const bad = [
    ask('/nothing'),
    ask('/workloads/ticker/constructor'),
    ask('/workloads/ticker/kill', { method: 'POST', body: '{"signal":"SIGNOTHING"}' }),
    ask('/workloads/ticker/kill', { method: 'POST', body: '{"signal":["SIGKILL"]}' }),
    ask('/workloads/ticker/exec', { method: 'POST', body: '{"argv":"echo"}' }),
    ask('/workloads/ticker/exec', { method: 'POST', body: '{"argv":["echo","a\\u0000b"]}' }),
    ask('/workloads/ticker/exec', { method: 'POST', body: '[' }),
    ask('/workloads/ticker/exec', { method: 'POST', body: '[]' }),
    ask('/workloads/ticker/config', { method: 'PUT', body: '{"text":1}' }),
    ask('/workloads/ticker/logs?tail=-1'),
    ask('/workloads/ticker/logs?since=yesterday'),
    launch(null),
    launch({ ...environment.hog, name: '../escape' }),
    launch({ ...environment.hog, command: [] }),
    launch({ ...environment.hog, env: { A: 1 } }),
    launch({ ...environment.hog, shell: true })
  ]
  for (const [status, { error }] of await Promise.all(bad)) expect([status, error?.code]).toEqual([400, 'E_RUNTIME_UNSUPPORTED'])
  expect(await ask('/workloads/nobody')).toEqual([
    404,
    { error: { code: 'E_RUNTIME_UNKNOWN_TARGET', message: 'There is no workload nobody' } }
  ])
  expect(await ask('/workloads/nobody/beside', { method: 'POST', body: JSON.stringify({ spec: environment.hog }) })).toMatchObject([
    404,
    {}
  ])
  expect(await raw('nonsense\r\n\r\n')).toContain('400')
  expect(await raw('GET //[ HTTP/1.1\r\nhost: x\r\n\r\n')).toContain('E_RUNTIME_FORBIDDEN')
  await raw('POST /workloads/ticker/exec HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n\r\n{')
  expect((await ask('/workloads'))[0]).toBe(200)
})

test('a body of more than 1 MiB is refused', async () => {
  const body = JSON.stringify({ text: 'x'.repeat(1024 ** 2) })
  const answer = await ask('/workloads/ticker/config', { method: 'PUT', body }).catch(() => null)
  // The connection may close before all of it was sent.
  if (answer) expect(answer).toMatchObject([400, { error: { code: 'E_RUNTIME_UNSUPPORTED' } }])
  expect(environment.host.configDiff('ticker').paths).toEqual([])
})

test('a launch that cannot be spawned leaves nothing behind', async () => {
  const body = JSON.stringify({ spec: { ...environment.hog, command: ['/no/such/program'] } })
  expect(await ask('/workloads/ticker/beside', { method: 'POST', body })).toMatchObject([500, { error: { code: 'E_RUNTIME_FAILED' } }])
  expect((await ask('/workloads/hog'))[0]).toBe(404)
})
