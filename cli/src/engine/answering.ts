// A server is ready when its model answers, not when its port is open.
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { TriageError } from '@triage/contracts'
import { openModel, type PullProgress, pullModel, surveyModels } from '@triage/model'
import { giveFile } from './give-file.ts'
import type { Client } from './kinds.ts'
import { isFile } from './spec.ts'

export interface Waiting {
  /** For the server to start, and for its model to be loaded and answer. Fetching a model takes what it takes. */
  timeoutMs: number
  /** Why the server ended; null while it runs, or runs elsewhere. */
  ended: () => Promise<string | null>
  signal?: AbortSignal
  log?: (line: string) => void
}

const pauseMs = 200

/** Tries again while trying again may help. @throws E_TIMEOUT with the last error; E_ENGINE_ENDED; what is final */
async function insist<T>(what: string, { timeoutMs, ended, signal }: Waiting, attempt: (leftMs: number) => Promise<T>): Promise<T> {
  const deadline = performance.now() + timeoutMs
  for (;;) {
    signal?.throwIfAborted()
    const why = await ended()
    if (why) throw new TriageError('E_ENGINE_ENDED', why)
    try {
      return await attempt(deadline - performance.now())
    } catch (error) {
      const failure = TriageError.from(error)
      if (signal?.aborted || !failure.retry) throw error
      if (performance.now() + pauseMs > deadline)
        throw new TriageError('E_TIMEOUT', `${what} after ${timeoutMs / 1000} s: ${failure.message}`, { cause: error })
    }
    await sleep(pauseMs)
  }
}

/** Ollama has to be given its model. */
async function furnish(model: string, client: Client, waiting: Waiting): Promise<void> {
  const env = { ...process.env, ...client.env }
  const models = await insist('no answer', waiting, async () => {
    const [server] = await surveyModels(env)
    if (server!.error) throw new TriageError('E_MODEL_UNREACHABLE', server!.error.message)
    return server!.models
  })
  if (models.some(({ id }) => isSame(id, client.id))) return
  if (isFile(model)) {
    waiting.log?.(`giving Ollama the model ${model}`)
    return giveFile(client.env.OLLAMA_HOST!, client.id.slice('ollama/'.length), model, waiting.signal)
  }
  let last = ''
  const tell = ({ status, completed, total }: PullProgress): void => {
    const line = total > 0 ? `${status}: ${10 * Math.floor((10 * completed) / total)}% of ${(total / 1e9).toFixed(1)} GB` : status
    if (line !== last) waiting.log?.(line)
    last = line
  }
  await unlessAborted(waiting.signal, pullModel(client.id, tell, env))
}

/** The work itself ends with its server. */
const unlessAborted = (signal: AbortSignal | undefined, work: Promise<void>): Promise<void> =>
  Promise.race([work, ...(signal ? [once(signal, 'abort').then(() => signal.throwIfAborted())] : [])])

/** Ollama says `latest` where nothing is said. */
export const isSame = (found: string, wanted: string): boolean => found === wanted || found === `${wanted}:latest`

/** Resolves when the model has answered a question with a token. */
export async function untilItAnswers(model: string, client: Client, waiting: Waiting): Promise<void> {
  if (client.id.startsWith('ollama/')) await furnish(model, client, waiting)
  waiting.log?.('loading the model')
  await insist('no answer', waiting, (leftMs) =>
    // Anew for each attempt: one that was kept leaves a model that fails alone.
    openModel(client.id, { env: { ...process.env, ...client.env } }).complete({
      messages: [{ role: 'user', content: 'Hello' }],
      limits: { max_output_tokens: 1, timeout_ms: Math.max(leftMs, 1), silence_ms: Math.max(leftMs, 1), max_bytes: 64 * 1024 },
      temperature: 0,
      signal: waiting.signal
    })
  )
}
