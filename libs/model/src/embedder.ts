// Texts to vectors: what the swarm knows of an embedding model.
import { readConfig } from '@triage/config'
import { TriageError } from '@triage/contracts'
import { Breaker } from './breaker.ts'
import { parseJson, textOf } from './bytes.ts'
import { recordEmbedder, replayEmbedder } from './cassette.ts'
import { Fuse, unlessAborted } from './fuse.ts'
import { sendTo } from './http.ts'
import { type ModelOptions, parseModelId } from './open.ts'
import { patiently, realPatience } from './retry.ts'
import { serverOf } from './server.ts'
import { modelSettings } from './settings.ts'
import { tapeOf } from './tape.ts'

export interface Embedder {
  /** provider/model */
  readonly id: string
  /**
   * A vector for each text, in their order, all of one length.
   * @throws TriageError E_MODEL_*
   */
  embed(texts: readonly string[], timeoutMs: number): Promise<number[][]>
}

/** Of an answer: a hundred texts in four thousand dimensions, as servers print numbers. */
const maxBytes = 16 * 1024 ** 2
/** Of texts in one request. */
const atOnce = 32

/** Each protocol's path, and where in its answer the vectors are. */
const protocols = {
  ollama: { path: '/api/embed', vectors: (said: { embeddings?: unknown }) => said.embeddings },
  openai: {
    path: '/embeddings',
    vectors: ({ data }: { data?: { index: number; embedding: unknown }[] }) =>
      data?.toSorted((a, b) => a.index - b.index).map(({ embedding }) => embedding)
  }
} as const

function vectorsIn(said: unknown, count: number, where: string): number[][] {
  const vectors = Array.isArray(said) ? said : []
  const length = vectors[0]?.length
  const whole = vectors.length === count && length > 0
  if (whole && vectors.every((vector) => Array.isArray(vector) && vector.length === length && vector.every(Number.isFinite))) return vectors
  throw new TriageError('E_MODEL_ANSWER', `${where} did not answer with a vector for each of ${count} texts`)
}

/**
 * An embedding model by its name, recorded or replayed as the environment has it. Nothing is asked of it yet. Keep it: it leaves a model
 * that fails alone.
 * @throws E_CONFIG
 */
export function openEmbedder(id: string, { env = process.env, patience = realPatience }: ModelOptions = {}): Embedder {
  const { record, replay } = tapeOf(env)
  if (replay) return replayEmbedder(id, replay)
  const embedder = embedderAt(id, { env, patience })
  return record ? recordEmbedder(embedder, record, env) : embedder
}

function embedderAt(id: string, { env, patience }: Required<ModelOptions>): Embedder {
  const { provider, name: model } = parseModelId(id)
  const server = serverOf(provider, env)
  const send = sendTo(server, env)
  const breaker = new Breaker(id)
  const { path, vectors } = protocols[provider === 'ollama' ? 'ollama' : 'openai']
  const more = provider === 'ollama' ? { keep_alive: readConfig(modelSettings, env).model_keep_alive } : {}

  const ask = async (input: readonly string[], signal: AbortSignal): Promise<number[][]> => {
    const { bytes } = await send(path, signal, JSON.stringify({ model, input, ...more }))
    const said = parseJson(await textOf(bytes, maxBytes)) as never
    return vectorsIn(said && vectors(said), input.length, server.where)
  }
  return {
    id,
    embed: async (texts, timeoutMs) => {
      const started = performance.now()
      using deadline = new Fuse(timeoutMs, () => new TriageError('E_MODEL_TIMEOUT', `${id} did not finish within ${timeoutMs} ms`))
      const { signal } = deadline
      const left = (): number => timeoutMs - (performance.now() - started)
      const all: number[][] = []
      for (let i = 0; i < texts.length; i += atOnce) {
        const some = texts.slice(i, i + atOnce)
        const tried = breaker.execute(() => patiently(() => ask(some, signal), left, signal, patience))
        all.push(...(await unlessAborted(signal, tried)))
      }
      return all
    }
  }
}
