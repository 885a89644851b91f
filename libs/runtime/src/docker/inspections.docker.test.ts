import { once } from 'node:events'
import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { closeServer } from '../http-server.ts'
import { until } from '../until.ts'
import { dockerRuntime } from './driver.ts'
import { image, socket, TestProject } from './test-project.ts'

/** The engine, with a count of how often it was asked to inspect a container. */
async function countingEngine() {
  const counted = { inspections: 0 }
  const server = createServer((incoming, outgoing) => {
    if (/\/containers\/[0-9a-f]{64}\/json/.test(incoming.url!)) counted.inspections++
    const upstream = request({ socketPath: socket, method: incoming.method!, path: incoming.url! }, (answer) => {
      outgoing.writeHead(answer.statusCode!, answer.headers)
      answer.pipe(outgoing)
    })
    incoming.pipe(upstream)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return { url, counted, [Symbol.asyncDispose]: () => closeServer(server) }
}

test('a container is inspected once while nothing happens to it, and anew when something does', async () => {
  await using project = await TestProject.start({ web: { image, command: ['sleep', 'infinity'], init: true, stop_grace_period: '1s' } })
  await using engine = await countingEngine()
  const runtime = dockerRuntime({ url: engine.url, project: project.name })
  const inspections = async (): Promise<number> => {
    const before = engine.counted.inspections
    await runtime.list()
    return engine.counted.inspections - before
  }
  expect(await inspections()).toBe(1)
  await until('it to have run for a while', async () => (await inspections()) === 0)
  const { run_id } = await runtime.inspect('web')
  await project.compose('pause', 'web')
  expect(await runtime.inspect('web')).toMatchObject({ status: 'paused', run_id })
  await project.compose('unpause', 'web')
  // Two starts within one second: the list says the same of both.
  for (let restarts = 0, last = run_id; restarts < 3; restarts++) {
    await runtime.kill('web', 'SIGKILL')
    expect(await runtime.inspect('web')).toMatchObject({ status: 'exited', exit_signal: 'SIGKILL' })
    await runtime.start('web')
    const now = (await runtime.inspect('web')).run_id
    expect(now).not.toBe(last)
    last = now
  }
})
