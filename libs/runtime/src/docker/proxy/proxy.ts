// A filtering proxy in front of the Docker Engine's socket: each credential gets the requests that its work takes, on the
// containers of one project, and no other. It is the only process that needs the socket.
//
// 1. A request is forwarded only if a rule names its method and path and the credential suffices.
// 2. What is forwarded is what was checked: the path is put together anew from the rule and the full id, the body is
//    written anew from what was understood, and of the headers only the body's type is passed on.
// 3. An effect is recorded before it is forwarded.
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import { TriageError } from '@triage/contracts'
import { readBody } from '../../http.ts'
import { closeServer, maxBodyBytes } from '../../http-server.ts'
import { type Credential, OpLog } from '../../op-log.ts'
import { credentialOf, mayAct, randomTokens, type Tokens } from '../../token.ts'
import type { Call } from './call.ts'
import { Members } from './members.ts'
import { Refusal } from './refusal.ts'
import { type Rule, rules } from './rules.ts'
import { ask } from './upstream.ts'

const maxKeyChars = 200

interface DockerProxyOptions {
  /** Path of the engine's socket. */
  socket: string
  /** Name of the compose project. */
  project: string
  /** Random ones unless told. */
  tokens?: Tokens
  host: string
  /** 0: a free one. */
  port: number
  /** File that effects are recorded in; nothing is recorded when undefined. */
  ops?: string
  /** Image that the injector may change networks with; none unless told. */
  netadminImage?: string
}

export interface DockerProxy extends AsyncDisposable {
  url: string
  tokens: Tokens
  close(): Promise<void>
}

/** It starts also while the engine is away. */
export async function serveDockerProxy(options: DockerProxyOptions): Promise<DockerProxy> {
  const { socket, project, tokens = randomTokens(), host, port, ops, netadminImage = '' } = options
  const members = new Members(socket, project)
  await members.look().catch(() => {})
  const context: Context = { socket, tokens, members, netadminImage, ops: ops === undefined ? null : new OpLog(ops), execs: new Map() }
  const server = createServer((request, response) => void answer(context, request, response))
  server.listen(port, host)
  await once(server, 'listening')
  const close = () => closeServer(server)
  return { url: `http://${host}:${(server.address() as AddressInfo).port}`, tokens, close, [Symbol.asyncDispose]: close }
}

interface Context {
  socket: string
  tokens: Tokens
  members: Members
  netadminImage: string
  ops: OpLog | null
  execs: Map<string, Credential>
}

/** Never throws: whatever a client sends, it gets an answer or a closed connection. */
async function answer(context: Context, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const gone = new AbortController()
  response.once('close', () => gone.abort())
  response.on('error', () => {})
  try {
    await relay(context, request, response, gone.signal)
  } catch (error) {
    const { code, message } = TriageError.from(error)
    const status = error instanceof Refusal ? error.status : code === 'E_RUNTIME_UNREACHABLE' ? 503 : 502
    if (response.headersSent) response.destroy()
    else response.writeHead(status, { 'content-type': 'application/json', connection: 'close' }).end(JSON.stringify({ message }))
  }
}

async function relay(context: Context, request: IncomingMessage, response: ServerResponse, signal: AbortSignal): Promise<void> {
  const credential = credentialOf(request.headers.authorization, context.tokens)
  if (!credential) throw new Refusal('The token is missing or not valid')
  const { pathname, searchParams: query } = new URL(`http://proxy${request.url}`)
  const { pattern, id, rule } = findRule(request.method ?? '', pathname)
  if (!mayAct(credential, rule.needs)) throw new Refusal(`A ${credential} may not do this`)
  const { members, netadminImage, execs } = context
  const call: Call = { members, netadminImage, credential, id, query, body: await readBody(request, maxBodyBytes, tooLong), execs }
  await rule.check?.(call)
  record(context, rule, call, request)
  const path = `${pattern.replace('*', encodeURIComponent(call.id))}?${call.query}`
  const contentType = request.headers['content-type'] ?? 'application/json'
  const found = await ask(context.socket, { method: request.method!, path, ...(call.send && { body: call.send }), contentType, signal })
  const ok = found.statusCode! < 300
  if (ok && rule.answer) {
    const body = rule.answer(await buffer(found), call)
    const type = body[0] === 0x7b || body[0] === 0x22 ? 'application/json' : found.headers['content-type']
    response.writeHead(found.statusCode!, { ...headersOf(found), 'content-type': type, 'content-length': body.length }).end(body)
  } else {
    response.writeHead(found.statusCode!, headersOf(found))
    response.flushHeaders()
    await pipeline(found, response).catch(() => response.destroy())
  }
}

function findRule(method: string, pathname: string): { pattern: string; id: string; rule: Rule } {
  const path = pathname.replace(/^\/v\d+\.\d+(?=\/)/, '')
  const [, folder, name = ''] = path.split('/')
  const candidates = [
    { pattern: path, id: '' },
    { pattern: path.replace(`/${folder}/${name}`, `/${folder}/*`), id: decodeURIComponent(name) }
  ]
  for (const { pattern, id } of candidates) {
    const key = `${method} ${pattern}`
    if (Object.hasOwn(rules, key) && (id !== '' || !pattern.includes('*'))) return { pattern, id, rule: rules[key]! }
  }
  throw new Refusal(`${method} ${path} is not let through`)
}

function record({ ops }: Context, { op }: Rule, { credential, target = '' }: Call, request: IncomingMessage): void {
  const key = request.headers['idempotency-key']?.toString().slice(0, maxKeyChars)
  if (op) ops?.append(op, target, { by: credential, ...(key && { idempotency_key: key }) })
}

const tooLong = () => new Refusal('The request is longer than 1 MiB', 413)

function headersOf({ headers }: IncomingMessage): Record<string, string> {
  const kept = ['content-type', 'content-length', 'x-docker-container-path-stat', 'api-version']
  return Object.fromEntries(kept.flatMap((name) => (headers[name] === undefined ? [] : [[name, String(headers[name])]])))
}
