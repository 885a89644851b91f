// The port on top of a provider: whatever the server does, a call ends within its limits and leaves no connection behind.
import { TriageError } from '@triage/contracts'
import { Breaker } from './breaker.ts'
import { Fuse, unlessAborted } from './fuse.ts'
import type { Completion, CompletionRequest, Model } from './port.ts'
import type { Piece, Provider } from './provider.ts'
import { type Patience, patiently } from './retry.ts'

/** For what is not an answer: lists, descriptions. */
const questionMs = 5000

export class GuardedModel implements Model {
  readonly id: string
  readonly #provider: Provider
  readonly #patience: Patience
  readonly #breaker: Breaker
  #contextTokens: number | null = null

  constructor(provider: Provider, patience: Patience) {
    this.id = `${provider.provider}/${provider.name}`
    this.#provider = provider
    this.#patience = patience
    this.#breaker = new Breaker(this.id)
  }

  async complete(request: CompletionRequest): Promise<Completion> {
    const { timeout_ms } = request.limits
    const started = performance.now()
    request.signal?.throwIfAborted()
    using deadline = new Fuse(timeout_ms, () => new TriageError('E_MODEL_TIMEOUT', `${this.id} did not finish within ${timeout_ms} ms`))
    const signal = request.signal ? AbortSignal.any([deadline.signal, request.signal]) : deadline.signal
    const left = () => timeout_ms - (performance.now() - started)
    const attempt = () => this.#attempt(request, signal, started)
    // The breaker's own wait, for another request that tries, heeds no signal.
    return await unlessAborted(
      signal,
      this.#breaker.execute(() => patiently(attempt, left, signal, this.#patience))
    )
  }

  async contextTokens(): Promise<number> {
    if (this.#contextTokens !== null) return this.#contextTokens
    using fuse = new Fuse(questionMs, () => new TriageError('E_MODEL_TIMEOUT', `${this.id} was not described within ${questionMs} ms`))
    try {
      this.#contextTokens = await unlessAborted(fuse.signal, this.#provider.contextTokens(fuse.signal))
      return this.#contextTokens
    } catch (error) {
      throw codedUnless(fuse.signal, error)
    }
  }

  async #attempt(request: CompletionRequest, outer: AbortSignal, started: number): Promise<Completion> {
    const { silence_ms } = request.limits
    using silence = new Fuse(silence_ms, () => new TriageError('E_MODEL_SILENT', `${this.id} said nothing for ${silence_ms} ms`))
    const over = new AbortController()
    const signal = AbortSignal.any([outer, silence.signal, over.signal])
    try {
      return await unlessAborted(
        signal,
        this.#collect(request, signal, () => silence.putOff(), started)
      )
    } catch (error) {
      throw codedUnless(signal, error)
    } finally {
      over.abort()
    }
  }

  async #collect(request: CompletionRequest, signal: AbortSignal, heard: () => void, started: number): Promise<Completion> {
    const { max_bytes } = request.limits
    const { constraint, pieces } = await this.#provider.answer(request, signal)
    const { provider, name } = this.#provider
    const completion: Completion = {
      text: '',
      object: null,
      finish_reason: 'other',
      usage: { input_tokens: null, output_tokens: null },
      timings: { first_token_ms: null, total_ms: 0 },
      model: { provider, name, version: null },
      constraint
    }
    let bytes = 0
    for await (const piece of pieces) {
      const said = sizeOf(piece)
      if (said > 0) {
        heard()
        completion.timings.first_token_ms ??= Math.round(performance.now() - started)
      }
      bytes += said
      if (bytes > max_bytes) throw new TriageError('E_MODEL_TOO_LONG', `${this.id} said more than ${max_bytes} bytes`)
      add(completion, piece)
    }
    completion.object = parsed(completion.text)
    completion.timings.total_ms = Math.round(performance.now() - started)
    return completion
  }
}

/** What has no code comes of reading an answer that is of another shape than it should be; a caller that gave up has its own reason. */
const codedUnless = (signal: AbortSignal, error: unknown): unknown => (signal.aborted ? error : TriageError.from(error, 'E_MODEL_ANSWER'))

const sizeOf = ({ text = '', reasoning = '' }: Piece): number => Buffer.byteLength(text) + Buffer.byteLength(reasoning)

function add(completion: Completion, { text, finish_reason, usage, version }: Piece): void {
  completion.text += text ?? ''
  if (finish_reason) completion.finish_reason = finish_reason
  if (usage) completion.usage = usage
  if (version) completion.model.version = version
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
