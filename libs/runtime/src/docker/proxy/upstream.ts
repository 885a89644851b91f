// Requests to the engine itself, over its socket.
import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { text } from 'node:stream/consumers'
import { TriageError } from '@triage/contracts'

/** The version that the driver speaks; whatever a client asks for, the rules hold for this one. */
const apiVersion = '/v1.41'

interface EngineRequest {
  method: string
  /** Path and query, without the version. */
  path: string
  body?: Buffer
  contentType?: string
  signal?: AbortSignal
}

/** Resolves when the head of the answer is there. Throws E_RUNTIME_UNREACHABLE. @param socketPath of the engine */
export async function ask(socketPath: string, { method, path, body, contentType, signal }: EngineRequest): Promise<IncomingMessage> {
  const headers = { host: 'docker', ...(body?.length && { 'content-type': contentType, 'content-length': body.length }) }
  const outgoing = request({ socketPath, method, path: apiVersion + path, headers, agent: false, ...(signal && { signal }) })
  outgoing.end(body)
  try {
    const [answer] = (await once(outgoing, 'response')) as [IncomingMessage]
    return answer
  } catch (cause) {
    throw new TriageError('E_RUNTIME_UNREACHABLE', `The Docker Engine at ${socketPath} does not answer: ${(cause as Error).message}`, {
      cause
    })
  }
}

/** The JSON that a GET is answered with; null for 404. Throws E_RUNTIME_FAILED for another status. */
export async function get<T>(socketPath: string, path: string): Promise<T | null> {
  const answer = await ask(socketPath, { method: 'GET', path })
  const body = await text(answer)
  if (answer.statusCode === 404) return null
  if (answer.statusCode !== 200) throw new TriageError('E_RUNTIME_FAILED', `The engine answers ${answer.statusCode} to GET ${path}`)
  return JSON.parse(body) as T
}
