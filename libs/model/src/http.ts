// HTTP to a model server. undici's own fetch rather than Node's: a slow model may take longer than the five minutes after which Node's
// gives up, and the proxy variables shall be read as other tools read them.
import { isIPv4 } from 'node:net'
import { TriageError } from '@triage/contracts'
import { Agent, type Dispatcher, EnvHttpProxyAgent, fetch, type Headers } from 'undici'
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
/** A connection for each request: whoever hangs up is seen to, and none stays open. The time-outs are those of the request. */
const connections = { pipelining: 0, headersTimeout: 0, bodyTimeout: 0 }

const isLoopback = (host: string): boolean =>
  host === 'localhost' || host.endsWith('.localhost') || host === '[::1]' || (isIPv4(host) && host.startsWith('127.'))

/** Straight to this machine, whatever the variables say; elsewhere as HTTP_PROXY, HTTPS_PROXY and NO_PROXY have it. */
function dispatcherFor({ url }: Server, env: Env): Dispatcher {
  if (isLoopback(new URL(url).hostname)) return new Agent(connections)
  return new EnvHttpProxyAgent({
    ...connections,
    httpProxy: env.http_proxy || env.HTTP_PROXY || '',
    httpsProxy: env.https_proxy || env.HTTPS_PROXY || '',
    noProxy: env.no_proxy || env.NO_PROXY || ''
  })
}

/** `Retry-After`: seconds or a date. Null when there is none. */
function retryAfterMs(headers: Headers): number | null {
  const value = headers.get('retry-after')
  if (value === null) return null
  const ms = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - Date.now()
  return Number.isNaN(ms) ? null : Math.max(0, ms)
}

/** What fetch keeps in the causes of its errors. */
function reasonOf(error: unknown): string {
  const { cause, code, message } = error as NodeJS.ErrnoException
  if (cause instanceof AggregateError) return reasonOf(cause.errors[0])
  return cause ? reasonOf(cause) : (code ?? message)
}

async function* readingFrom(server: Server, body: Bytes | null, signal: AbortSignal): Bytes {
  try {
    yield* body ?? []
  } catch (error) {
    throw lost(server, error, signal)
  }
}

function lost(server: Server, error: unknown, signal: AbortSignal): unknown {
  return signal.aborted ? signal.reason : new TriageError('E_MODEL_UNREACHABLE', `${server.where}: ${reasonOf(error)}`)
}

/** Redirects are refused: the key would go with them. */
export function sendTo(server: Server, env: Env): Send {
  const dispatcher = dispatcherFor(server, env)
  return async (path, signal, body) => {
    const headers = { accept: '*/*', ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...server.headers }
    const method = body === undefined ? 'GET' : 'POST'
    const response = await fetch(server.url + path, { method, body, headers, signal, redirect: 'manual', dispatcher }).catch((error) => {
      throw lost(server, error, signal)
    })
    const bytes = readingFrom(server, response.body, signal)
    if (response.ok) return { contentType: response.headers.get('content-type') ?? '', bytes }
    throw new HttpFailure(server, response.status, await textOf(bytes, maxErrorBytes), retryAfterMs(response.headers))
  }
}
