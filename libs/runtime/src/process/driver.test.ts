import { hash } from 'node:crypto'
import { TriageError } from '@triage/contracts'
import { expect, test } from 'vitest'
import { runtimeContract } from '../contract.ts'
import type { Credential } from '../op-log.ts'
import { processRuntime } from './driver.ts'
import { TestEnvironment, testConfig } from './test-environment.ts'

const clientOf = ({ server }: TestEnvironment, credential: Credential) =>
  processRuntime({ url: server.url, token: server.tokens[credential] })

runtimeContract('process', async () => {
  const environment = await TestEnvironment.start()
  return {
    reader: clientOf(environment, 'reader'),
    writer: clientOf(environment, 'writer'),
    injector: clientOf(environment, 'injector'),
    hog: environment.hog,
    config: {
      good: { text: testConfig, hash: hash('sha256', testConfig) },
      changed: JSON.stringify({ pool: { size: 0, wait_ms: 100 }, password: 'swordfish', extra: true }),
      paths: ['extra', 'password', 'pool.size']
    },
    unsupported: [
      (runtime) => runtime.configDiff('stubborn'),
      (runtime) => runtime.pause('ticker'),
      (runtime) => runtime.runInNetwork('ticker', 'tools:1', ['true']),
      (runtime) => runtime.scale('ticker', 2),
      (runtime) => runtime.attachNetwork('ticker', 'front'),
      (runtime) => runtime.detachNetwork('ticker', 'front')
    ],
    [Symbol.asyncDispose]: () => environment[Symbol.asyncDispose]()
  }
})

test('effects are recorded with who caused them and their idempotency key; what changes nothing is not', async () => {
  await using environment = await TestEnvironment.start()
  const writer = clientOf(environment, 'writer')
  const injector = clientOf(environment, 'injector')
  const before = environment.ops().length
  await writer.start('ticker', { idempotency_key: 'none' })
  await writer.restart('ticker', { idempotency_key: 'key-1' })
  await injector.kill('stubborn', 'SIGSTOP')
  await writer.exec('ticker', ['echo'], { idempotency_key: 'key-2' })
  expect(
    environment
      .ops()
      .slice(before)
      .map(({ at: _, ...rest }) => rest)
  ).toEqual([
    { op: 'restart', name: 'ticker', by: 'writer', idempotency_key: 'key-1' },
    { op: 'kill', name: 'stubborn', by: 'injector' },
    { op: 'exec', name: 'ticker', by: 'writer', idempotency_key: 'key-2' }
  ])
})

test('a runtime that is not there, or goes away, is unreachable, and that may be tried again', async () => {
  await using environment = await TestEnvironment.start()
  const reader = clientOf(environment, 'reader')
  const events = reader.watch(new AbortController().signal)[Symbol.asyncIterator]()
  const next = events.next()
  await reader.list()
  const watched = expect(next).rejects.toMatchObject({ code: 'E_RUNTIME_UNREACHABLE' })
  await environment.server.close()
  await watched
  const error = await reader.list().catch((error: unknown) => error)
  expect(error).toBeInstanceOf(TriageError)
  expect(error).toMatchObject({ code: 'E_RUNTIME_UNREACHABLE', retry: true })
})

test('a command that fails says so; one that floods or hangs is ended', async () => {
  await using environment = await TestEnvironment.start()
  const writer = clientOf(environment, 'writer')
  expect(await writer.exec('ticker', ['fail'])).toEqual({ exit_code: 7, stdout: '', stderr: 'no\n' })
  await expect(writer.exec('ticker', ['flood'])).rejects.toMatchObject({ code: 'E_RUNTIME_FAILED' })
  const hanging = expect(environment.host.exec('ticker', ['sleep', '60'], { by: 'host' })).rejects.toMatchObject({
    code: 'E_RUNTIME_FAILED'
  })
  await environment.host.close()
  await hanging
})
