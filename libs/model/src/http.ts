// HTTP to a model server, with node:http: Node's fetch gives a slow model up after five minutes, reads the proxy variables only when it is
// told to, and costs ten megabytes.
import { once } from 'node:events'
import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import { isIPv4 } from 'node:net'
import { TriageError } from '@triage/contracts'
import { type Bytes, textOf } from './bytes.ts'
import { HttpFailure } from './http-failure.ts'
import type { Env, Server } from './server.ts'

export interface Answer {
  contentType: string
  /** Ends with a coded error when the connection breaks. */
  bytes: Bytes
}

/**
 * GET, or POST when there is a body; the path goes behind the server's URL. Resolves when the head of the answer is there.
 * @throws HttpFailure when it is not 2xx; E_MODEL_UNREACHABLE; the reason of the signal
 */
export type Send = (path: string, signal: AbortSignal, body?: string) => Promise<Answer>

const maxErrorBytes = 64 * 1024
const isLoopback = (host: string): boolean =>
  host === 'localhost' || host.endsWith('.localhost') || host === '[::1]' || (isIPv4(host) && host.startsWith('127.'))

/**
 * A connection for each request, so that who hangs up is seen to, and none stays open. Straight to this machine, whatever the variables
 * say; elsewhere as HTTP_PROXY, HTTPS_PROXY and NO_PROXY have it.
 */
function agentFor(url: URL, env: Env): HttpAgent {
  const options = { keepAlive: false, ...(isLoopback(url.hostname) ? {} : { proxyEnv: env }) }
  return url.protocol === 'https:' ? new HttpsAgent(options) : new HttpAgent(options)
}

/** `Retry-After`: seconds or a date. Null when there is none. */
function retryAfterMs(value: string | undefined): number | null {
  if (value === undefined) return null
  const ms = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - Date.now()
  return Number.isNaN(ms) ? null : Math.max(0, ms)
}

async function* readingFrom(server: Server, answer: IncomingMessage, signal: AbortSignal): Bytes {
  try {
    yield* answer
  } catch (error) {
    throw lost(server, error, signal)
  }
}

function lost({ where }: Server, error: unknown, signal: AbortSignal): unknown {
  const { code, message } = error as NodeJS.ErrnoException
  return signal.aborted ? signal.reason : new TriageError('E_MODEL_UNREACHABLE', `${where}: ${code ?? message}`)
}

/** Redirects are not followed: the key would go with them. */
export function sendTo(server: Server, env: Env): Send {
  const base = new URL(server.url)
  const agent = agentFor(base, env)
  const request = base.protocol === 'https:' ? httpsRequest : httpRequest
  return async (path, signal, body) => {
    const headers = { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...server.headers }
    const outgoing = request(server.url + path, { method: body === undefined ? 'GET' : 'POST', headers, agent, signal })
    // Once there is an answer, its reader hears of what goes wrong.
    outgoing.on('error', () => {})
    outgoing.end(body)
    const [answer] = (await once(outgoing, 'response').catch((error) => {
      throw lost(server, error, signal)
    })) as [IncomingMessage]
    const status = answer.statusCode!
    const bytes = readingFrom(server, answer, signal)
    if (status >= 200 && status < 300) return { contentType: answer.headers['content-type'] ?? '', bytes }
    throw new HttpFailure(server, status, await textOf(bytes, maxErrorBytes), retryAfterMs(answer.headers['retry-after']))
  }
}
