// HTTP on this machine with node:http: fetch would bring ten megabytes into each process of the swarm.
import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { text } from 'node:stream/consumers'
import { lookup } from './lookup.ts'

export interface HttpRequest {
  method?: string
  headers?: Record<string, string>
  body?: string
  signal: AbortSignal
}

/** Sends a request; resolves when the head of the answer is there. Rejects when nobody answers, or when `signal` aborts. */
export async function send(url: string, { method = 'GET', headers = {}, body = '', signal }: HttpRequest): Promise<IncomingMessage> {
  const length = { 'content-length': Buffer.byteLength(body) }
  const outgoing = request(url, { method, headers: { ...headers, ...length }, agent: false, lookup, signal })
  outgoing.end(body)
  const [answer] = (await once(outgoing, 'response')) as [IncomingMessage]
  return answer
}

/** The whole body of an answer. */
export const bodyOf = (answer: IncomingMessage): Promise<string> => text(answer)

/**
 * The body of a request or an answer, read no further than `maxBytes`: whoever sends it is not trusted with our memory.
 * @param tooLong what is thrown when it is longer
 */
export async function readBody(
  message: IncomingMessage,
  maxBytes: number,
  tooLong = (): Error => new RangeError(`a body of more than ${maxBytes} bytes`)
): Promise<Buffer> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of message as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > maxBytes) throw tooLong()
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}
