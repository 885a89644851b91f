import { once } from 'node:events'
import { createServer as createHttpServer } from 'node:http'
import { type AddressInfo, createServer, type Server } from 'node:net'
import type { Probe } from '@triage/contracts'
import { expect, test } from 'vitest'
import { runProbe } from './probe.ts'

/** Listens on a free port of this host until it is disposed of. */
async function listen(server: Server): Promise<AsyncDisposable & { port: number }> {
  const sockets = new Set<{ destroy(): void }>()
  server.on('connection', (socket) => sockets.add(socket))
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    }
  }
}

const http = (port: number, timeout_ms = 5000): Probe => ({
  name: 'ready',
  kind: 'http',
  url: `http://127.0.0.1:${port}/readyz`,
  timeout_ms
})
const tcp = (port: number): Probe => ({ name: 'tcp', kind: 'tcp', url: `tcp://127.0.0.1:${port}`, timeout_ms: 5000 })

test.each([
  [200, { ok: true }],
  [302, { ok: true }],
  [404, { ok: false, failure: 'status', http_status: 404 }],
  [503, { ok: false, failure: 'status', http_status: 503 }]
])('http: an answer of %i', async (status, result) => {
  await using server = await listen(createHttpServer((_, response) => response.writeHead(status).end('body')))
  expect(await runProbe(http(server.port))).toEqual(result)
})

test('every probe opens its own connection', async () => {
  let connections = 0
  const httpServer = createHttpServer((_, response) => response.end())
  httpServer.on('connection', () => connections++)
  await using server = await listen(httpServer)
  await runProbe(http(server.port))
  await runProbe(http(server.port))
  expect(connections).toBe(2)
})

test('nobody listens', async () => {
  const gone = await listen(createServer())
  await gone[Symbol.asyncDispose]()
  expect(await runProbe(http(gone.port))).toEqual({ ok: false, failure: 'refused' })
  expect(await runProbe(tcp(gone.port))).toEqual({ ok: false, failure: 'refused' })
})

test('no answer in time: neither a head nor half an answer is one', async () => {
  await using silent = await listen(createServer())
  expect(await runProbe(http(silent.port, 50))).toEqual({ ok: false, failure: 'timeout' })
  await using half = await listen(createHttpServer((_, response) => response.writeHead(200).write('half')))
  expect(await runProbe(http(half.port, 200))).toEqual({ ok: false, failure: 'timeout' })
})

test('the connection breaks: before, within and instead of an answer', async () => {
  await using broken = await listen(createServer((socket) => socket.resetAndDestroy()))
  expect(await runProbe(http(broken.port))).toEqual({ ok: false, failure: 'reset' })
  await using half = await listen(
    createHttpServer((_, response) => {
      response.writeHead(200, { 'content-length': '100' })
      response.write('half', () => response.destroy())
    })
  )
  expect(await runProbe(http(half.port))).toEqual({ ok: false, failure: 'reset' })
  await using other = await listen(createServer((socket) => socket.end('-ERR this is not HTTP\r\n')))
  expect(await runProbe(http(other.port))).toEqual({ ok: false, failure: 'reset' })
})

test('tcp: a connection that opens', async () => {
  await using server = await listen(createServer())
  expect(await runProbe(tcp(server.port))).toEqual({ ok: true })
})

test('who gives up gets no result', async () => {
  await using silent = await listen(createServer())
  const caller = new AbortController()
  const running = runProbe(http(silent.port), caller.signal)
  caller.abort(new Error('shutting down'))
  await expect(running).rejects.toThrow('shutting down')
})

test('a URL that is none is no result either', async () => {
  await expect(runProbe({ ...tcp(1), url: 'nowhere' })).rejects.toThrow(TypeError)
})
