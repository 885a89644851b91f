import { readConfig } from '@triage/config'
import { TriageError } from '@triage/contracts'
import { GuardedModel } from './guarded-model.ts'
import { sendTo } from './http.ts'
import { OllamaProvider } from './ollama.ts'
import { OpenAiProvider } from './openai.ts'
import type { Model } from './port.ts'
import { type Patience, realPatience } from './retry.ts'
import { type Env, type ProviderName, providers, serverOf } from './server.ts'
import { modelSettings } from './settings.ts'

export interface ModelId {
  provider: ProviderName
  /** May hold slashes and colons itself. */
  name: string
}

/** @throws E_CONFIG */
export function parseModelId(id: string): ModelId {
  const [, provider, name] = /^([^/]*)\/(.+)$/.exec(id) ?? []
  const known = providers.find((each) => each === provider)
  if (known && name) return { provider: known, name }
  throw new TriageError('E_CONFIG', `"${id}" names no model: write provider/model, the provider being one of ${providers.join(', ')}`)
}

export interface ModelOptions {
  env?: Env
  patience?: Patience
}

/**
 * A model by its name, as `ollama/qwen3:4b`; where its server is, is in the environment. Nothing is asked of it yet. Keep it: it
 * remembers what the server does not take, and leaves a model that fails alone.
 * @throws E_CONFIG
 */
export function openModel(id: string, { env = process.env, patience = realPatience }: ModelOptions = {}): Model {
  const { provider, name } = parseModelId(id)
  const { model_context_tokens: contextTokens, model_keep_alive: keepAlive } = readConfig(modelSettings, env)
  const server = serverOf(provider, env)
  const send = sendTo(server, env)
  return new GuardedModel(
    provider === 'ollama'
      ? new OllamaProvider(name, server, send, { contextTokens, keepAlive })
      : new OpenAiProvider(name, server, send, contextTokens),
    patience
  )
}
