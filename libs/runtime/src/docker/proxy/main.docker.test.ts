// The proxy as a program.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { send } from '../../http.ts'
import { readLines } from '../../process/lines.ts'
import { tempFolder } from '../../process/test-environment.ts'
import { socket } from '../test-project.ts'

const start = (env: Record<string, string>) =>
  spawn(process.execPath, [join(import.meta.dirname, 'main.ts')], { env: { PATH: process.env.PATH, TRIAGE_DOCKER_SOCKET: socket, ...env } })

test('it listens, lets in who has a token, and ends when told to', async () => {
  const proxy = start({ TRIAGE_PROJECT: 'triage-test-nobody', TRIAGE_PROXY_PORT: '0', TRIAGE_READER_TOKEN: 'secret' })
  const line = await new Promise<string>((resolve) => readLines(proxy.stdout, resolve))
  const { meta } = JSON.parse(line) as { meta: { url: string } }
  const ping = async (token: string) => {
    const answer = await send(`${meta.url}/_ping`, { headers: { authorization: `Bearer ${token}` }, signal: AbortSignal.timeout(5000) })
    answer.resume()
    return answer.statusCode
  }
  expect([await ping('secret'), await ping(''), await ping('other')]).toEqual([200, 403, 403])
  proxy.kill('SIGTERM')
  expect((await once(proxy, 'exit'))[0]).toBe(0)
})

test('tokens are read from files that are for their owner alone', async () => {
  using folder = tempFolder()
  const path = join(folder.path, 'reader.token')
  writeFileSync(path, 'secret\n', { mode: 0o600 })
  const env = { TRIAGE_PROJECT: 'triage-test-nobody', TRIAGE_PROXY_PORT: '0', TRIAGE_PROXY_TOKENS: folder.path }
  const proxy = start(env)
  const line = await new Promise<string>((resolve) => readLines(proxy.stdout, resolve))
  const { url } = (JSON.parse(line) as { meta: { url: string } }).meta
  const answer = await send(`${url}/_ping`, { headers: { authorization: 'Bearer secret' }, signal: AbortSignal.timeout(5000) })
  answer.resume()
  expect(answer.statusCode).toBe(200)
  proxy.kill('SIGTERM')
  await once(proxy, 'exit')
  chmodSync(path, 0o644)
  const refused = start(env)
  const [said, [code]] = await Promise.all([text(refused.stderr), once(refused, 'exit')])
  expect(said).toContain('E_KEYS_MODE')
  expect(code).toBe(1)
})

test('without a project it says what is missing', async () => {
  const proxy = start({})
  const [said, [code]] = await Promise.all([text(proxy.stderr), once(proxy, 'exit')])
  expect(said).toContain('TRIAGE_PROJECT is not set: name of the compose project that may be reached')
  expect(code).toBe(1)
})
