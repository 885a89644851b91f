// Which model servers answer, and what they have.
import { type ErrorReport, TriageError } from '@triage/contracts'
import { Fuse, unlessAborted } from './fuse.ts'
import { sendTo } from './http.ts'
import { contextOf, ollamaClient } from './ollama.ts'
import { listedContext, listModels } from './openai.ts'
import { type Env, type ProviderName, type Server, serverOf } from './server.ts'

export interface FoundModel {
  /** provider/model */
  id: string
  size_bytes: number | null
  /** Tokens that it takes at most. */
  context_tokens: number | null
}

export interface FoundServer {
  provider: ProviderName
  url: string
  /** Of the engine, as it says. */
  version: string | null
  models: FoundModel[]
  /** Why nothing is known of it. */
  error: ErrorReport | null
}

type Found = Pick<FoundServer, 'version' | 'models'>

const patienceMs = 3000
/** Described; of more only names and sizes are told. */
const maxDescribed = 30

async function ofOllama(server: Server, env: Env, signal: AbortSignal): Promise<Found> {
  const client = ollamaClient(server, sendTo(server, env), signal)
  const [{ version }, { models }] = await Promise.all([client.version(), client.list()])
  const contexts = await Promise.all(
    models.slice(0, maxDescribed).map(({ name }) =>
      client.show({ model: name }).then(
        ({ model_info }) => contextOf(model_info),
        () => null
      )
    )
  )
  return {
    version,
    models: models.map(({ name, size }, i) => ({ id: `ollama/${name}`, size_bytes: size, context_tokens: contexts[i] ?? null }))
  }
}

async function ofOpenAi(server: Server, env: Env, signal: AbortSignal): Promise<Found> {
  const models = await listModels(server, sendTo(server, env), signal)
  return {
    version: null,
    models: models.map((model) => ({
      id: `${server.provider}/${model.id}`,
      size_bytes: model.meta?.size ?? null,
      context_tokens: listedContext(model)
    }))
  }
}

async function survey(provider: ProviderName, env: Env): Promise<FoundServer> {
  const server = serverOf(provider, env)
  using fuse = new Fuse(patienceMs, () => new TriageError('E_MODEL_TIMEOUT', `${server.where} did not answer within ${patienceMs} ms`))
  const asked = provider === 'ollama' ? ofOllama(server, env, fuse.signal) : ofOpenAi(server, env, fuse.signal)
  const found = await unlessAborted(fuse.signal, asked).then(
    (answer) => ({ ...answer, error: null }),
    (error) => ({ version: null, models: [], error: TriageError.from(error, 'E_MODEL_ANSWER').report })
  )
  return { provider, url: server.url, ...found }
}

/** Ollama, which has a usual place, and the server of OpenAI's protocol that the environment names, if it does. */
export async function surveyModels(env: Env = process.env): Promise<FoundServer[]> {
  const base = env.OPENAI_BASE_URL || env.OPENAI_API_BASE
  const second: ProviderName[] = base ? ['openai-compatible'] : env.OPENAI_API_KEY ? ['openai'] : []
  return Promise.all((['ollama', ...second] as ProviderName[]).map((provider) => survey(provider, env)))
}
