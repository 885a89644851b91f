// Serves a ProcessHost over HTTP on 127.0.0.1. Errors are JSON: {error: {code, message}}.
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type ErrorCode, TriageError } from '@triage/contracts'
import { readBody } from '../http.ts'
import { closeServer, maxBodyBytes } from '../http-server.ts'
import { type Credential, credentials } from '../op-log.ts'
import type { RuntimeEvent } from '../port.ts'
import { credentialOf, mayAct, randomTokens, type Tokens } from '../token.ts'
import type { ProcessHost } from './host.ts'
import { parseObject } from './parse.ts'
import { findRoute } from './routes.ts'

/** A watcher that is this far behind is cut off. */
const maxBacklogBytes = 1024 ** 2
/** HTTP clients give up on a stream that is silent for minutes. */
const keepAliveMs = 15_000
const maxKeyChars = 200

const statuses: Partial<Record<ErrorCode, number>> = {
  E_RUNTIME_FORBIDDEN: 403,
  E_RUNTIME_UNKNOWN_TARGET: 404,
  E_RUNTIME_UNSUPPORTED: 400
}

export interface ProcessServer extends AsyncDisposable {
  url: string
  tokens: Tokens
  /** Takes no more requests and cuts off those under way. The host stays as it is. */
  close(): Promise<void>
}

/** @param port 0: a free one */
export async function serveProcessHost(host: ProcessHost, { port = 0 } = {}): Promise<ProcessServer> {
  const tokens = randomTokens()
  const server = createServer((request, response) => void answer(host, tokens, request, response))
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  const close = () => closeServer(server)
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, tokens, close, [Symbol.asyncDispose]: close }
}

/** Never throws: whatever a client sends, it gets an answer or a closed connection. */
async function answer(host: ProcessHost, tokens: Tokens, request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    const credential = credentialOf(request.headers.authorization, tokens)
    if (!credential) throw new TriageError('E_RUNTIME_FORBIDDEN', 'The token is missing or not valid')
    const url = new URL(`http://host${request.url}`)
    if (request.method === 'GET' && url.pathname === '/watch') watch(host, response)
    else send(response, 200, (await call(host, credential, request, url)) ?? {})
  } catch (error) {
    const { code, report } = TriageError.from(error, 'E_RUNTIME_FAILED')
    send(response, statuses[code] ?? 500, { error: report })
  }
}

async function call(host: ProcessHost, credential: Credential, request: IncomingMessage, url: URL): Promise<unknown> {
  const found = findRoute(request.method ?? '', url.pathname)
  if (!found) throw new TriageError('E_RUNTIME_UNSUPPORTED', `There is no ${request.method} ${url.pathname}`)
  const { route, name } = found
  if (!mayAct(credential, route.needs)) {
    throw new TriageError(
      'E_RUNTIME_FORBIDDEN',
      `A ${credential} may not do this; ${credentials.slice(credentials.indexOf(route.needs)).join(' or ')} may`
    )
  }
  const body = parseObject((await readBody(request, maxBodyBytes, tooLong)).toString('utf8'))
  const key = request.headers['idempotency-key']?.toString().slice(0, maxKeyChars)
  return route.handle({ host, name, query: url.searchParams, body, cause: { by: credential, ...(key && { idempotency_key: key }) } })
}

/** One event a line; an empty line now and then. */
function watch(host: ProcessHost, response: ServerResponse): void {
  const write = (line: string) => {
    if (response.writableLength > maxBacklogBytes) response.destroy()
    else response.write(`${line}\n`)
  }
  const onEvent = (event: RuntimeEvent) => write(JSON.stringify(event))
  const timer = setInterval(() => write(''), keepAliveMs)
  response.writeHead(200, { 'content-type': 'application/x-ndjson' })
  response.flushHeaders()
  host.events.on('event', onEvent)
  response.on('error', () => {})
  response.once('close', () => {
    clearInterval(timer)
    host.events.off('event', onEvent)
  })
}

const tooLong = () => new TriageError('E_RUNTIME_UNSUPPORTED', 'The request body is longer than 1 MiB')

function send(response: ServerResponse, status: number, body: unknown): void {
  if (response.headersSent || response.destroyed) return
  // A client whose request was not read to its end cannot use the connection again.
  const close = response.req.complete ? {} : { connection: 'close' }
  response.writeHead(status, { 'content-type': 'application/json', ...close }).end(JSON.stringify(body))
}
