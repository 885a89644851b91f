import { json } from 'node:stream/consumers'
import { ReadableStream } from 'node:stream/web'
import { TriageError } from '@triage/contracts'
import { type ChatRequest, type ChatResponse, Ollama } from 'ollama'
import { atMost, type Bytes, jsonLines } from './bytes.ts'
import type { Send } from './http.ts'
import { HttpFailure } from './http-failure.ts'
import type { CompletionRequest } from './port.ts'
import type { Answering, Piece, Provider } from './provider.ts'
import type { Server } from './server.ts'

/** Lists and descriptions; a description holds the model's licence and template. */
const maxBodyBytes = 4 * 1024 ** 2

/** A description or a list, whole. */
const whole = (bytes: Bytes): Bytes => atMost(bytes, maxBodyBytes)

/**
 * Ollama's client, sending as we do: with coded errors, and one signal for all that it does.
 * @param bounded what is let through to it; of a stream only lines of JSON, since it writes others to the terminal
 */
export const ollamaClient = (server: Server, send: Send, signal: AbortSignal, bounded: (bytes: Bytes) => Bytes = whole): Ollama =>
  new Ollama({
    host: server.url,
    fetch: (async (url: string, init?: { body?: string }) => {
      const { bytes } = await send(url.slice(server.url.length), signal, init?.body)
      // All that it looks at.
      return { ok: true, body: ReadableStream.from(bounded(bytes)), json: () => json(bounded(bytes)) }
    }) as never
  })

export interface OllamaOptions {
  /** Tokens of prompt and answer; never more than the model takes. */
  contextTokens: number
  /** How long the model stays loaded after an answer, as 10m. */
  keepAlive: string
}

interface Facts {
  contextTokens: number
  version: string
}

/** Fields that servers know and the client's types do not: a prompt beyond the context is refused, not cut without a word. */
const wholePrompt = { truncate: false, shift: false }

export class OllamaProvider implements Provider {
  readonly provider = 'ollama'
  readonly name: string
  readonly #server: Server
  readonly #send: Send
  readonly #options: OllamaOptions
  #facts: Facts | null = null

  constructor(name: string, server: Server, send: Send, options: OllamaOptions) {
    this.name = name
    this.#server = server
    this.#send = send
    this.#options = options
  }

  async answer(request: CompletionRequest, signal: AbortSignal): Promise<Answering> {
    const facts = await this.#know(signal)
    const client = ollamaClient(this.#server, this.#send, signal, (bytes) => jsonLines(bytes, request.limits.max_bytes + 64 * 1024))
    const chat: ChatRequest & { stream: true } = {
      ...wholePrompt,
      model: this.name,
      messages: [...request.messages],
      stream: true,
      // A thinking model would think before, and outside of, what the schema constrains.
      think: false,
      keep_alive: this.#options.keepAlive,
      options: {
        // Always the same: another value makes Ollama load the model anew. Without one it takes 4096 and cuts.
        num_ctx: facts.contextTokens,
        num_predict: request.limits.max_output_tokens,
        temperature: request.temperature,
        ...(request.seed === undefined ? {} : { seed: request.seed })
      },
      ...(request.schema ? { format: request.schema } : {})
    }
    const parts = await client.chat(chat).catch(this.#rethrow)
    return { constraint: request.schema ? 'json_schema' : 'none', pieces: this.#pieces(parts, facts.version) }
  }

  async contextTokens(signal: AbortSignal): Promise<number> {
    return (await this.#know(signal)).contextTokens
  }

  async #know(signal: AbortSignal): Promise<Facts> {
    if (this.#facts) return this.#facts
    const client = ollamaClient(this.#server, this.#send, signal)
    const [{ version }, shown] = await Promise.all([client.version(), client.show({ model: this.name })]).catch(this.#rethrow)
    const most = contextOf(shown.model_info) ?? this.#options.contextTokens
    this.#facts = { version, contextTokens: Math.min(most, this.#options.contextTokens) }
    return this.#facts
  }

  async *#pieces(parts: AsyncIterable<ChatResponse>, version: string): AsyncGenerator<Piece> {
    try {
      for await (const part of parts) yield pieceOf(part, version)
    } catch (error) {
      throw this.#coded(error)
    }
  }

  readonly #rethrow = (error: unknown): never => {
    throw this.#coded(error)
  }

  /** What the client itself throws tells of an answer that is none, or of an error in the stream. */
  readonly #coded = (error: unknown): unknown => {
    const { where, quote } = this.#server
    if (error instanceof HttpFailure && error.code === 'E_MODEL_MISSING')
      return new TriageError('E_MODEL_MISSING', `${where} does not have ${this.name}: run \`ollama pull ${this.name}\``)
    if (error instanceof SyntaxError || (error as Error).constructor === Error)
      return new TriageError('E_MODEL_ANSWER', `${where}: ${quote((error as Error).message)}`)
    return error
  }
}

/** The client calls it a map; it is an object. Its key begins with the architecture: `llama.context_length`. */
export function contextOf(info: unknown): number | null {
  const found = Object.entries(info ?? {}).find(([key]) => key.endsWith('.context_length'))
  return typeof found?.[1] === 'number' ? found[1] : null
}

const reasons: Record<string, Piece['finish_reason']> = { stop: 'stop', length: 'length' }

function pieceOf({ message, done, done_reason, prompt_eval_count, eval_count }: ChatResponse, version: string): Piece {
  const said = { text: message?.content, reasoning: message?.thinking }
  if (!done) return said
  const usage = { input_tokens: prompt_eval_count ?? null, output_tokens: eval_count ?? null }
  return { ...said, finish_reason: reasons[done_reason] ?? 'other', usage, version }
}
