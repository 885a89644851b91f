import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import { words } from './protocol.ts'
import type { Asked, Step } from './script.ts'
import type { Words } from './words.ts'

const filler = ['I', ' think', ' that', ' the']
const tokenChars = 4

/** An answer on its way out; every method ends at once when the client has gone. */
class Outgoing {
  readonly #response: ServerResponse
  readonly #gone = new AbortController()

  constructor(response: ServerResponse) {
    this.#response = response
    response.on('close', () => this.#gone.abort())
    response.on('error', () => {})
  }

  get gone(): boolean {
    return this.#gone.signal.aborted
  }

  head(status: number, headers: Record<string, string>): void {
    this.#response.writeHead(status, headers).flushHeaders()
  }

  async write(text: string): Promise<void> {
    if (this.gone || this.#response.write(text)) return
    await once(this.#response, 'drain', { signal: this.#gone.signal }).catch(() => {})
  }

  async wait(ms: number): Promise<void> {
    await delay(ms, undefined, { signal: this.#gone.signal }).catch(() => {})
  }

  end(text = ''): void {
    if (!this.gone) this.#response.end(text)
  }

  reset(): void {
    this.#response.socket?.resetAndDestroy()
  }
}

function* piecesOf(text: string, length: number): Generator<string> {
  for (let i = 0; i < text.length; i += length) yield text.slice(i, i + length)
}

async function answer(out: Outgoing, say: Words, asked: Asked, step: Step & { does: 'answer' }): Promise<void> {
  const { text, piece = tokenChars, finish = 'stop', first_token_ms = 0 } = step
  await out.wait(first_token_ms)
  for (const part of piecesOf(text, piece)) {
    if (out.gone) return
    await out.write(say.token(part, asked))
  }
  const usage = { input_tokens: asked.input_tokens, output_tokens: Math.ceil(text.length / tokenChars) }
  out.end(say.end(finish, usage, asked))
}

/** Does what the step says. Resolves when there is nothing more to do; a connection that hangs stays open. */
export async function perform(step: Step, asked: Asked, response: ServerResponse): Promise<void> {
  const say = words[asked.protocol]
  const out = new Outgoing(response)
  const json = { 'content-type': 'application/json' }
  if (step.does === 'hang') return
  if (step.does === 'fail') {
    out.head(step.status, { ...json, ...(step.retry_after ? { 'retry-after': step.retry_after } : {}) })
    return out.end(say.failure(step.message ?? `scripted ${step.status}`))
  }
  if (step.does === 'send') {
    out.head(200, { 'content-type': step.content_type })
    return out.end(step.bytes)
  }
  out.head(200, { 'content-type': say.contentType })
  if (step.does === 'answer') return answer(out, say, asked, step)
  const endless = { babble: say.token('and so on ', asked), flood: 'x'.repeat(1000) }
  if (step.does === 'babble' || step.does === 'flood') {
    while (!out.gone) await out.write(endless[step.does])
    return
  }
  for (const token of filler.slice(0, step.after_tokens)) await out.write(say.token(token, asked))
  if (step.does === 'break') out.end(say.broken(step.message))
  else if (step.does === 'end') out.end()
  else if (step.does === 'reset') out.reset()
}
