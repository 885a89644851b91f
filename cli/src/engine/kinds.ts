// What differs from one model server to another when it is started and asked.
import { availableParallelism } from 'node:os'
import { aliasOf, type Kind, type Spec } from './spec.ts'

/**
 * A core is left to what the model shall help to repair. Nor do threads pay of which one has to wait for its core: the others wait for
 * it in busy loops, and an answer takes many times as long.
 */
export const threads = Math.max(1, availableParallelism() - 1)

/** How its clients reach it. */
export interface Client {
  /** provider/model */
  id: string
  /** Variables that name its place. */
  env: Record<string, string>
}

interface Started {
  args: string[]
  env: Record<string, string>
}

interface KindOfServer {
  image: string
  /** On PATH. */
  program: string
  /** Inside its container. */
  port: number
  /** Where it keeps the models that it fetched, inside its container; null when it keeps none. */
  store: string | null
  /** @param model path of the file, where it is started */
  start(spec: Spec, model: string, host: string, port: number): Started
  client(model: string, url: string): Client
}

export const kinds: Record<Kind, KindOfServer> = {
  llama: {
    image: 'ghcr.io/ggml-org/llama.cpp:server',
    program: 'llama-server',
    port: 8080,
    store: null,
    start: ({ context_tokens, gpu_layers, model: asked }, model, host, port) => ({
      args: [
        ...['--model', model, '--alias', aliasOf(asked), '--host', host, '--port', `${port}`],
        // One question at a time, with the whole context for it.
        ...['--parallel', '1', '--ctx-size', `${context_tokens}`, '--n-gpu-layers', `${gpu_layers}`, '--threads', `${threads}`]
      ],
      env: {}
    }),
    client: (model, url) => ({ id: `openai-compatible/${aliasOf(model)}`, env: { OPENAI_BASE_URL: `${url}/v1` } })
  },
  ollama: {
    image: 'ollama/ollama:0.17.4',
    program: 'ollama',
    port: 11434,
    store: '/root/.ollama',
    start: ({ context_tokens }, _, host, port) => ({
      args: ['serve'],
      env: { OLLAMA_HOST: `${host}:${port}`, OLLAMA_NUM_PARALLEL: '1', OLLAMA_CONTEXT_LENGTH: `${context_tokens}` }
    }),
    client: (model, url) => ({ id: `ollama/${aliasOf(model)}`, env: { OLLAMA_HOST: url } })
  }
}
