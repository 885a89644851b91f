// OpenAI's protocol, which most servers speak: two requests and a stream of events. Its own package would bring retries and time-outs of
// its own, and bound nothing.
import { TriageError } from '@triage/contracts'
import { parseJson, textOf } from './bytes.ts'
import { Dialect } from './dialect.ts'
import { eventsOf } from './events.ts'
import type { Answer, Send } from './http.ts'
import { HttpFailure } from './http-failure.ts'
import type { CompletionRequest, FinishReason } from './port.ts'
import type { Answering, Piece, Provider } from './provider.ts'
import type { Server } from './server.ts'

const maxListBytes = 4 * 1024 ** 2

/** What servers say of a model in their lists; each has words of its own. */
export interface ListedModel {
  id: string
  meta?: { n_ctx?: number; size?: number } | null
  max_model_len?: number
  context_length?: number
  context_window?: number
  max_context_length?: number
}

/** What the server says, as far as it fits. @throws as `send` does; E_MODEL_ANSWER */
export async function listModels(server: Server, send: Send, signal: AbortSignal): Promise<ListedModel[]> {
  const { bytes } = await send('/models', signal)
  const { data } = (parseJson(await textOf(bytes, maxListBytes)) ?? {}) as { data?: unknown }
  if (!Array.isArray(data)) throw new TriageError('E_MODEL_ANSWER', `${server.where} does not list its models`)
  return data.filter((model) => typeof model?.id === 'string')
}

export const listedContext = (model: ListedModel): number | null =>
  model.meta?.n_ctx ?? model.max_model_len ?? model.context_length ?? model.context_window ?? model.max_context_length ?? null

interface Chunk {
  choices?: { delta?: Said; message?: Said; finish_reason?: string | null }[]
  usage?: { prompt_tokens?: number; completion_tokens?: number } | null
  system_fingerprint?: string | null
  error?: unknown
}

interface Said {
  content?: string | null
  refusal?: string | null
  reasoning_content?: string | null
  reasoning?: string | null
}

const reasons: Record<string, FinishReason> = { stop: 'stop', length: 'length' }

function pieceOf({ choices, usage, system_fingerprint: version }: Chunk): Piece {
  const { delta, message, finish_reason: finish } = choices?.[0] ?? {}
  const said = delta ?? message ?? {}
  return {
    text: said.content || said.refusal || '',
    reasoning: said.reasoning_content || said.reasoning || '',
    ...(finish ? { finish_reason: reasons[finish] ?? 'other' } : {}),
    ...(usage ? { usage: { input_tokens: usage.prompt_tokens ?? null, output_tokens: usage.completion_tokens ?? null } } : {}),
    ...(version ? { version } : {})
  }
}

export class OpenAiProvider implements Provider {
  readonly provider: string
  readonly name: string
  readonly #server: Server
  readonly #send: Send
  /** Where the server does not say. */
  readonly #contextTokens: number
  #dialect = new Dialect()

  constructor(name: string, server: Server, send: Send, contextTokens: number) {
    this.provider = server.provider
    this.name = name
    this.#server = server
    this.#send = send
    this.#contextTokens = contextTokens
  }

  async answer(request: CompletionRequest, signal: AbortSignal): Promise<Answering> {
    let dialect = this.#dialect
    for (;;) {
      try {
        const body = { model: this.name, messages: request.messages, stream: true, ...dialect.fields(request) }
        const answer = await this.#send('/chat/completions', signal, JSON.stringify(body))
        this.#dialect = dialect
        return { constraint: dialect.constraint(request), pieces: this.#pieces(answer, request.limits.max_bytes + 64 * 1024) }
      } catch (error) {
        const other = error instanceof HttpFailure && [400, 422].includes(error.status) ? dialect.conceding(error.said, request) : null
        if (!other) throw error
        dialect = other
      }
    }
  }

  /** A server with one model takes any name for it, and lists it by its own. */
  async contextTokens(signal: AbortSignal): Promise<number> {
    const models = await listModels(this.#server, this.#send, signal)
    const model = models.length === 1 ? models[0] : models.find(({ id }) => id === this.name)
    if (model) return listedContext(model) ?? this.#contextTokens
    const some = models.slice(0, 10).map(({ id }) => id)
    throw new TriageError('E_MODEL_MISSING', `${this.#server.where} does not have ${this.name}, but ${some.join(', ') || 'none'}`)
  }

  async *#pieces({ contentType, bytes }: Answer, maxEvent: number): AsyncGenerator<Piece> {
    // A server that cannot stream sends one object.
    const whole = contentType.startsWith('application/json')
    let ended = false
    for await (const data of whole ? [await textOf(bytes, maxEvent)] : eventsOf(bytes, maxEvent)) {
      if (data === '[DONE]') return
      const chunk = parseJson(data) as Chunk
      if (chunk?.error) throw new TriageError('E_MODEL_ANSWER', `${this.#server.where}: ${this.#server.quote(JSON.stringify(chunk.error))}`)
      const piece = pieceOf(chunk)
      ended ||= piece.finish_reason !== undefined
      yield piece
    }
    if (!ended) throw new TriageError('E_MODEL_ANSWER', `${this.#server.where} ended the stream before the answer was complete`)
  }
}
