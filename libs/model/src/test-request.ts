// For tests: a request, and a model on a scripted server.
import { type ModelServerOptions, startModelServer } from '@triage/model-server'
import { type Model, openModel } from './model.ts'
import type { CompletionRequest, Limits } from './port.ts'
import type { Patience } from './retry.ts'
import type { Env, ProviderName } from './server.ts'

export const schema = {
  type: 'object',
  properties: { cause: { type: 'string', maxLength: 20 }, sure: { type: 'boolean' } },
  required: ['cause', 'sure'],
  additionalProperties: false
}

export const good = { cause: 'disk full', sure: true }

const limits: Limits = { max_output_tokens: 100, timeout_ms: 5000, silence_ms: 2000, max_bytes: 64 * 1024 }

export const request = (more: Partial<Omit<CompletionRequest, 'limits'>> & { limits?: Partial<Limits> } = {}): CompletionRequest => ({
  messages: [
    { role: 'system', content: 'Answer in JSON.' },
    { role: 'user', content: 'Why is checkout down?' }
  ],
  schema,
  temperature: 0,
  seed: 7,
  ...more,
  limits: { ...limits, ...more.limits }
})

export const protocols: readonly ProviderName[] = ['ollama', 'openai-compatible']

/** Waits for nothing; remembers for how long it was asked to, in milliseconds. */
export function noWaiting(): Patience & { waits: number[] } {
  const waits: number[] = []
  return { waits, random: () => 0, sleep: async (ms) => void waits.push(ms) }
}

/** A model on a scripted server of its own. */
export async function scripted(provider: ProviderName, options: ModelServerOptions, env: Env = {}) {
  const server = await startModelServer(options)
  const patience = noWaiting()
  const all = { OLLAMA_HOST: server.ollama_url, OPENAI_BASE_URL: server.openai_url, ...env }
  const model: Model = openModel(`${provider}/${options.models?.[0]?.name ?? 'scripted:1b'}`, { env: all, patience })
  return { server, model, patience, env: all, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() }
}
