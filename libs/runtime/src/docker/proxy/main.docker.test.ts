// The proxy as a program.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { send } from '../../process/http.ts'
import { readLines } from '../../process/lines.ts'
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

test('without a project it says what is missing', async () => {
  const proxy = start({})
  const [said, [code]] = await Promise.all([text(proxy.stderr), once(proxy, 'exit')])
  expect(said).toContain('TRIAGE_PROJECT is not set: name of the compose project that may be reached')
  expect(code).toBe(1)
})
