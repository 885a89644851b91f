import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import { perform } from './perform.ts'
import { words } from './protocol.ts'
import { pull } from './pull.ts'
import { type Asked, type Protocol, type Script, stepFor } from './script.ts'

export interface ListedModel {
  name: string
  size_bytes: number
  context_tokens: number
}

export interface ModelServerOptions {
  script: Script
  models?: ListedModel[]
  /** Whoever does not show it is refused. */
  key?: string
  /** What the server says against a request, with status 400; null when it takes it. */
  refuses?: (body: Record<string, unknown>) => string | null
}

export interface ModelServer extends AsyncDisposable {
  /** For Ollama's clients. */
  ollama_url: string
  /** For OpenAI's clients. */
  openai_url: string
  /** What it was asked to complete so far, oldest first. */
  asked: readonly Asked[]
  /** Connections that are open. */
  connections(): Promise<number>
  /** Bytes that clients took over connections that are closed by now. */
  taken(): number
}

const some: ListedModel[] = [{ name: 'scripted:1b', size_bytes: 1_300_000_000, context_tokens: 8192 }]

class ScriptedServer implements ModelServer {
  readonly asked: Asked[] = []
  readonly #options: ModelServerOptions
  readonly #models: ListedModel[]
  readonly #http = createServer((request, response) => {
    this.#handle(request, response).catch((error) => response.destroy(error))
  })

  #taken = 0

  constructor(options: ModelServerOptions) {
    this.#options = options
    this.#http.on('connection', (socket) => socket.on('close', () => (this.#taken += socket.bytesWritten)))
    this.#models = [...(options.models ?? some)]
  }

  async listen(): Promise<this> {
    this.#http.listen(0, '127.0.0.1')
    await once(this.#http, 'listening')
    return this
  }

  get ollama_url(): string {
    return `http://127.0.0.1:${(this.#http.address() as AddressInfo).port}`
  }

  get openai_url(): string {
    return `${this.ollama_url}/v1`
  }

  connections(): Promise<number> {
    return new Promise((resolve, reject) => this.#http.getConnections((error, count) => (error ? reject(error) : resolve(count))))
  }

  taken(): number {
    return this.#taken
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#http, 'close')
    this.#http.close()
    this.#http.closeAllConnections()
    await closed
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const protocol: Protocol = request.url!.startsWith('/v1/') ? 'openai' : 'ollama'
    const body = request.method === 'POST' ? ((await json(request)) as Record<string, unknown>) : {}
    const answer = (status: number, value: unknown) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value))
    const refuse = (status: number, message: string) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(words[protocol].failure(message))
    const { key } = this.#options
    if (key && request.headers.authorization !== `Bearer ${key}`)
      return void refuse(401, `Incorrect API key provided: ${request.headers.authorization}`)

    const name = String(body.model ?? body.name)
    const model = this.#models.find((each) => each.name === name)
    const missing = () => refuse(404, `model "${name}" not found, try pulling it first`)
    switch (request.url) {
      case '/api/version':
        return void answer(200, { version: '0.0.1-scripted' })
      case '/api/tags':
        return void answer(200, { models: this.#models.map(({ name, size_bytes }) => ({ name, model: name, size: size_bytes })) })
      case '/api/show':
        return void (model ? answer(200, { model_info: { 'llama.context_length': model.context_tokens } }) : missing())
      case '/v1/models':
        return void answer(200, {
          object: 'list',
          data: this.#models.map(({ name, context_tokens, size_bytes }) => ({
            id: name,
            object: 'model',
            meta: { n_ctx: context_tokens, size: size_bytes }
          }))
        })
      case '/api/pull':
        return pull(name, this.#models, response)
      case '/api/chat':
      case '/v1/chat/completions': {
        if (!model) return void missing()
        const refusal = this.#options.refuses?.(body) ?? null
        if (refusal !== null) return void refuse(400, refusal)
        return this.#complete(protocol, name, body, request, response)
      }
      default:
        return void answer(404, { error: 'no such page' })
    }
  }

  async #complete(
    protocol: Protocol,
    model: string,
    body: Record<string, unknown>,
    { headers }: IncomingMessage,
    response: ServerResponse
  ): Promise<void> {
    const read = words[protocol].read(body)
    const input_tokens = Math.ceil(read.messages.reduce((sum, { content }) => sum + content.length, 0) / 4)
    const asked: Asked = { protocol, model, ...read, input_tokens, body, headers }
    const nth = this.asked.push(asked) - 1
    await perform(stepFor(this.#options.script, asked, nth), asked, response)
  }
}

/** Listens on a free port of the loopback: `await using server = await startModelServer({ script })`. */
export const startModelServer = (options: ModelServerOptions): Promise<ModelServer> => new ScriptedServer(options).listen()
