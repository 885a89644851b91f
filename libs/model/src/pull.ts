import { TriageError } from '@triage/contracts'
import { jsonLines } from './bytes.ts'
import { Fuse } from './fuse.ts'
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
const silenceMs = 60_000

/**
 * Has Ollama fetch a model; resolves when the model is there. It goes on where it was when it was interrupted.
 * @throws E_USAGE when its server cannot pull; E_MODEL_MISSING when Ollama could not get it; E_MODEL_SILENT after a minute without news
 */
export async function pullModel(id: string, onProgress: (progress: PullProgress) => void, env: Env = process.env): Promise<void> {
  const { provider, name } = parseModelId(id)
  if (provider !== 'ollama') throw new TriageError('E_USAGE', `${id}: only Ollama pulls models`)
  const server = serverOf(provider, env)
  using silence = new Fuse(
    silenceMs,
    () => new TriageError('E_MODEL_SILENT', `${server.where} told nothing of ${name} for ${silenceMs} ms`)
  )
  const client = ollamaClient(server, sendTo(server, env), silence.signal, (bytes) => jsonLines(bytes, maxLine))
  try {
    for await (const { status, completed = 0, total = 0 } of await client.pull({ model: name, stream: true })) {
      silence.putOff()
      onProgress({ status, completed, total })
    }
  } catch (error) {
    throw TriageError.from(error, 'E_MODEL_MISSING')
  }
}
