import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import { type ListedModel, lists, shown } from './catalogue.ts'
import { embeddingsOf, isEmbeddingPath, textsIn } from './embeddings.ts'
import { perform } from './perform.ts'
import { words } from './protocol.ts'
import { pull } from './pull.ts'
import { type Asked, type Protocol, type Script, type Step, stepFor } from './script.ts'

export interface ModelServerOptions {
  script: Script
  models?: ListedModel[]
  /** Whoever does not show it is refused. */
  key?: string
  /** Address to listen at, 127.0.0.1 unless given. */
  host?: string
  /** What the server says against a request, with status 400; null when it takes it. */
  refuses?: (body: Record<string, unknown>) => string | null
  /** What it does when it is asked for embeddings; it answers with them when absent. */
  embeds?: Step
}

export interface ModelServer extends AsyncDisposable {
  /** For Ollama's clients. */
  ollama_url: string
  /** For OpenAI's clients. */
  openai_url: string
  /** What it was asked to complete so far, oldest first. */
  asked: readonly Asked[]
  /** Texts of which embeddings were asked for, a list for each request, oldest first. */
  embedded: readonly string[][]
  /** Connections that are open. */
  connections(): Promise<number>
  /** Bytes that clients took over connections that are closed by now. */
  taken(): number
}

const some: ListedModel[] = [{ name: 'scripted:1b', size_bytes: 1_300_000_000, context_tokens: 8192 }]

class ScriptedServer implements ModelServer {
  readonly asked: Asked[] = []
  readonly embedded: string[][] = []
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
    this.#http.listen(0, this.#options.host ?? '127.0.0.1')
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
    const path = request.url!
    const protocol: Protocol = path.startsWith('/v1/') ? 'openai' : 'ollama'
    const send = (status: number, body: string) => void response.writeHead(status, { 'content-type': 'application/json' }).end(body)
    const refuse = (status: number, message: string) => send(status, words[protocol].failure(message))

    const { authorization } = request.headers
    const { key, refuses } = this.#options
    if (key && authorization !== `Bearer ${key}`) return refuse(401, `Incorrect API key provided: ${authorization}`)
    const list = lists[path]
    if (list) return send(200, JSON.stringify(list(this.#models)))
    if (request.method !== 'POST') return refuse(404, 'no such page')

    const body = (await json(request)) as Record<string, unknown>
    const name = String(body.model ?? body.name)
    if (path === '/api/pull') return pull(name, this.#models, response)
    const model = this.#models.find((each) => each.name === name)
    if (!model) return refuse(404, `model "${name}" not found, try pulling it first`)
    if (path === '/api/show') return send(200, JSON.stringify(shown(model)))

    const refusal = refuses?.(body) ?? null
    if (refusal !== null) return refuse(400, refusal)
    const asked = askedOf(protocol, name, body, request.headers)
    if (isEmbeddingPath(path)) {
      const texts = textsIn(body)
      this.embedded.push(texts)
      const { embeds } = this.#options
      return embeds ? perform(embeds, asked, response) : send(200, JSON.stringify(embeddingsOf(protocol, texts)))
    }
    const nth = this.asked.push(asked) - 1
    await perform(stepFor(this.#options.script, asked, nth), asked, response)
  }
}

function askedOf(protocol: Protocol, model: string, body: Record<string, unknown>, headers: IncomingHttpHeaders): Asked {
  const read = words[protocol].read(body)
  const characters = read.messages.reduce((sum, { content }) => sum + content.length, 0)
  return { protocol, model, ...read, input_tokens: Math.ceil(characters / 4), body, headers }
}

/** Listens on a free port, of the loopback unless told otherwise: `await using server = await startModelServer({ script })`. */
export const startModelServer = (options: ModelServerOptions): Promise<ModelServer> => new ScriptedServer(options).listen()
