import { TriageError } from '@triage/contracts'
import { jsonLines } from './bytes.ts'
import { sendTo } from './http.ts'
import { ollamaClient } from './ollama.ts'
import { parseModelId } from './open.ts'
import { type Env, serverOf } from './server.ts'

export interface PullProgress {
  /** What is being done, as Ollama says it. */
  status: string
  /** Of the layer at hand, in bytes; 0 before it is known. */
  completed: number
  total: number
}

const maxLine = 64 * 1024

/**
 * Has Ollama fetch a model; ends when the model is there, or when the signal aborts, which leaves the layers that are there.
 * @throws E_USAGE when its server cannot pull; E_MODEL_MISSING when the registry does not have it or cannot be reached; E_MODEL_*
 */
export async function pullModel(id: string, onProgress: (progress: PullProgress) => void, signal: AbortSignal, env: Env = process.env) {
  const { provider, name } = parseModelId(id)
  if (provider !== 'ollama') throw new TriageError('E_USAGE', `${id}: only Ollama pulls models`)
  const server = serverOf(provider, env)
  const client = ollamaClient(server, sendTo(server, env), signal, (bytes) => jsonLines(bytes, maxLine))
  try {
    for await (const { status, completed = 0, total = 0 } of await client.pull({ model: name, stream: true }))
      onProgress({ status, completed, total })
  } catch (error) {
    signal.throwIfAborted()
    throw TriageError.from(error, 'E_MODEL_MISSING')
  }
}
