// On real sockets: what the toxics do to connections, and what the proxy leaves alone.
import { hash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { setTimeout as delay } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { serveToxicProxy } from './proxy.ts'
import type { Toxic } from './toxic.ts'

const latency = (latency_ms: number, jitter_ms = 0, stream: Toxic['stream'] = 'downstream'): Toxic => ({
  type: 'latency',
  ...{ stream, latency_ms, jitter_ms, toxicity: 1 }
})
const reset: Toxic = { type: 'reset_peer', stream: 'downstream', timeout_ms: 0, toxicity: 1 }
const timeout = (timeout_ms: number): Toxic => ({ type: 'timeout', stream: 'downstream', timeout_ms, toxicity: 1 })

const echo = (socket: Socket) => void socket.pipe(socket)

/** An upstream and a proxy in front of it. */
async function setStage(toxics: Toxic[], serve: (socket: Socket) => void = echo, seed = 1) {
  const upstream = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => socket.destroy())
    serve(socket)
  })
  upstream.listen(0, '127.0.0.1')
  await once(upstream, 'listening')
  const proxy = await serveToxicProxy({ upstream: { host: '127.0.0.1', port: (upstream.address() as AddressInfo).port }, toxics, seed })
  const dial = () => connect({ host: '127.0.0.1', port: proxy.port, allowHalfOpen: true }).on('error', () => {})
  return { upstream, dial, [Symbol.asyncDispose]: () => proxy.close().finally(() => upstream.close()) }
}

/** What ends it: the code of an error, or `closed`. */
const endOf = (socket: Socket) =>
  new Promise<string>((resolve) => {
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code!))
    socket.once('close', () => resolve('closed'))
    socket.resume()
  })

test.each([
  ['no toxic', []],
  ['latency with jitter', [latency(5, 5), latency(5, 5, 'upstream')]]
])('with %s the bytes arrive as they were sent, after a half-close too', async (_, toxics) => {
  await using stage = await setStage(toxics, (socket) => {
    // Answers when all was said.
    void buffer(socket).then((all) => socket.end(all))
  })
  const sent = randomBytes(8 * 1024 ** 2)
  const socket = stage.dial()
  socket.end(sent)
  expect(hash('sha256', await buffer(socket))).toBe(hash('sha256', sent))
})

test.each([
  ['no toxic', []],
  ['latency', [latency(1, 0, 'upstream')]]
])('with %s, what nobody reads is not taken in without end', async (_, toxics) => {
  await using stage = await setStage(toxics, (socket) => void socket.pause())
  const socket = stage.dial()
  let written = 0
  const chunk = randomBytes(256 * 1024)
  for (let stuck = 0; stuck < 5; ) {
    if (socket.write(chunk)) stuck = 0
    else await Promise.race([once(socket, 'drain').then(() => (stuck = 0)), delay(100).then(() => stuck++)])
    written += chunk.length
    expect(written).toBeLessThan(64 * 1024 ** 2)
  }
  socket.destroy()
})

test('an answer is late by the latency at least, and answers do not wait for each other', async () => {
  await using stage = await setStage([latency(200)])
  const socket = stage.dial()
  const from = performance.now()
  for (let index = 0; index < 20; index++) {
    socket.write(`${index} `)
    await delay(5)
  }
  socket.end()
  expect((await buffer(socket)).toString()).toBe(Array.from({ length: 20 }, (_, index) => `${index} `).join(''))
  const took = performance.now() - from
  expect(took).toBeGreaterThanOrEqual(200)
  // One after the other they would take 4 s.
  expect(took).toBeLessThan(3000)
})

test('a connection that is reset ends with ECONNRESET', async () => {
  await using stage = await setStage([reset])
  expect(await endOf(stage.dial())).toBe('ECONNRESET')
})

test('a black hole never answers, and takes nothing with it when the client gives up', async () => {
  await using stage = await setStage([timeout(0)])
  const socket = stage.dial()
  let heard = false
  socket.on('data', () => {
    heard = true
  })
  socket.write('hello')
  expect(await Promise.race([endOf(socket), delay(500, 'silence')])).toBe('silence')
  expect(heard).toBe(false)
  socket.destroy()
  const connections = () => new Promise<number>((resolve) => stage.upstream.getConnections((_, count) => resolve(count)))
  await expect.poll(connections, { timeout: 5000 }).toBe(0)
})

test('after its time-out a silent connection is closed', async () => {
  await using stage = await setStage([timeout(100)])
  const socket = stage.dial()
  socket.on('end', () => socket.end())
  expect(await endOf(socket)).toBe('closed')
})

test('what upstream does is passed on: a reset, and that it is not there', async () => {
  await using stage = await setStage([], (socket) => socket.once('data', () => socket.resetAndDestroy()))
  const socket = stage.dial()
  socket.write('x')
  expect(await endOf(socket)).toBe('ECONNRESET')
  await using nowhere = await setStage([])
  nowhere.upstream.close()
  expect(await endOf(nowhere.dial())).toBe('ECONNRESET')
})

test('with a toxicity of a half, the same seed chooses the same connections', async () => {
  const choices = async (seed: number): Promise<string> => {
    await using stage = await setStage([{ ...reset, toxicity: 0.5 }], (socket) => socket.end(), seed)
    const ends: string[] = []
    for (let index = 0; index < 30; index++) {
      const socket = stage.dial()
      socket.once('end', () => socket.end())
      ends.push(await endOf(socket))
    }
    return ends.join()
  }
  const first = await choices(7)
  expect(await choices(7)).toBe(first)
  expect(await choices(8)).not.toBe(first)
  expect(first).toContain('ECONNRESET')
  expect(first).toContain('closed')
})
