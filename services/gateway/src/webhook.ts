import { hash, timingSafeEqual } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Alert, type ErrorCode, limits, TriageError } from '@triage/contracts'
import type { Logger } from '@triage/log'
import { readWebhook } from './alertmanager.ts'

export interface WebhookOptions {
  host: string
  /** 0: any that is free. */
  port: number
  /** What callers show as `Authorization: Bearer …`. */
  token: string
  /** Resolves when the alerts are kept; throws what to answer instead. */
  keep(alerts: Alert[]): Promise<void>
  log: Logger
}

export interface Webhook {
  port: number
  stop(): Promise<void>
}

/** A caller that is slower than this with its message is cut off, in milliseconds. */
const requestMs = 10_000

const statuses: Partial<Record<ErrorCode, number>> = {
  E_WEBHOOK_TOKEN: 401,
  E_WEBHOOK_TOO_LONG: 413,
  E_WEBHOOK_VERSION: 400,
  E_WEBHOOK_SCHEMA: 400
}
const digest = (text: string): Buffer => hash('sha256', text, 'buffer')

/**
 * POST /webhook/alerts: what Alertmanager posts. 200: every alert is kept; 4xx with a code: refused, and so it will be again;
 * 503: not now, Alertmanager tries again. Throws E_PORT_IN_USE.
 */
export async function serveWebhook({ host, port, token, keep, log }: WebhookOptions): Promise<Webhook> {
  const expected = digest(`Bearer ${token}`)
  const server = createServer({ requestTimeout: requestMs, maxHeaderSize: 8192 }, (request, response) => {
    if (request.method !== 'POST' || request.url !== '/webhook/alerts') return answer(request, response, 404, { error: 'not found' })
    take(request, expected, keep).then(
      (alerts) => answer(request, response, 200, { alerts }),
      (error) => {
        const { code, message, retry } = TriageError.from(error)
        log.warn({ code, from: request.socket.remoteAddress }, `the webhook refused a message: ${message}`)
        answer(request, response, statuses[code] ?? (retry ? 503 : 500), { code, message })
      }
    )
  })
  server.maxConnections = 64
  server.listen(port, host)
  await once(server, 'listening').catch((error: Error) => {
    throw new TriageError('E_PORT_IN_USE', `the webhook cannot listen on ${host}:${port}: ${error.message}`, { cause: error })
  })
  return {
    port: (server.address() as AddressInfo).port,
    stop: async () => {
      const closed = once(server, 'close')
      server.close()
      server.closeIdleConnections()
      await closed
    }
  }
}

/** How many alerts were kept. */
async function take(request: IncomingMessage, expected: Buffer, keep: WebhookOptions['keep']): Promise<number> {
  if (!timingSafeEqual(digest(request.headers.authorization ?? ''), expected))
    throw new TriageError('E_WEBHOOK_TOKEN', 'the token is missing or wrong')
  const alerts = readWebhook(await bodyOf(request))
  if (alerts.length > 0) await keep(alerts)
  return alerts.length
}

/** Reads no further than one byte beyond what is allowed, whatever length the caller claims. */
async function bodyOf(request: IncomingMessage): Promise<Uint8Array> {
  const chunks: Buffer[] = []
  let bytes = 0
  try {
    for await (const chunk of request.iterator({ destroyOnReturn: false })) {
      chunks.push(chunk as Buffer)
      bytes += (chunk as Buffer).byteLength
      if (bytes > limits.webhook_bytes) break
    }
  } catch (error) {
    throw new TriageError('E_WEBHOOK_SCHEMA', `the message broke off: ${(error as Error).message}`, { cause: error })
  }
  return Buffer.concat(chunks)
}

function answer(request: IncomingMessage, response: ServerResponse, status: number, body: object): void {
  // What was not read is thrown away, so that the caller gets to read the answer; then the connection ends.
  if (!request.complete) response.setHeader('connection', 'close')
  request.resume()
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}
