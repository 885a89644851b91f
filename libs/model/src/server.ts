// Where a model server is and how it is spoken to, from the variables that its other clients read.
import { TriageError } from '@triage/contracts'
import { redact } from '@triage/redact'

export type Env = Record<string, string | undefined>

export const providers = ['ollama', 'openai', 'openai-compatible'] as const
export type ProviderName = (typeof providers)[number]

export interface Server {
  provider: ProviderName
  /** Without credentials, query and slash at the end. */
  url: string
  /** For messages: the provider and its host. */
  where: string
  /** Credentials. */
  headers: Record<string, string>
  /** What the server said, for messages: without the key or password and what else looks like a secret, at most 500 characters. */
  quote(text: string): string
}

function parse(variable: string, text: string): URL {
  try {
    return new URL(text)
  } catch {
    throw new TriageError('E_CONFIG', `${variable} is not a URL: ${redact(text)}`)
  }
}

/** OLLAMA_HOST as Ollama's own client reads it: any part may be left out; an address to listen on is reached on the loopback. */
function ollamaUrl(env: Env): URL {
  const host = env.OLLAMA_HOST?.trim() || '127.0.0.1'
  const schemed = host.includes('://') ? host : `http://${host.startsWith(':') ? `127.0.0.1${host}` : host}`
  const url = parse('OLLAMA_HOST', schemed)
  if (!host.includes('://') && !/:\d+(?:\/|$)/.test(schemed)) url.port = '11434'
  if (url.hostname === '0.0.0.0') url.hostname = '127.0.0.1'
  if (url.hostname === '[::]') url.hostname = '[::1]'
  return url
}

const openAi = 'https://api.openai.com/v1'

function openAiUrl(provider: ProviderName, env: Env): URL {
  const base = env.OPENAI_BASE_URL || env.OPENAI_API_BASE || (provider === 'openai' ? openAi : '')
  if (!base) throw new TriageError('E_CONFIG', `OPENAI_BASE_URL is not set: where the ${provider} server is, as http://127.0.0.1:8080/v1`)
  return parse(env.OPENAI_BASE_URL ? 'OPENAI_BASE_URL' : 'OPENAI_API_BASE', base)
}

interface Credentials {
  secret: string
  headers: Record<string, string>
}

function credentials(url: URL, key: string | undefined): Credentials | null {
  if (key) return { secret: key, headers: { authorization: `Bearer ${key}` } }
  if (!url.username) return null
  const [user, secret] = [decodeURIComponent(url.username), decodeURIComponent(url.password)]
  return { secret, headers: { authorization: `Basic ${Buffer.from(`${user}:${secret}`).toString('base64')}` } }
}

/** @throws E_CONFIG when a variable is missing or not a URL */
export function serverOf(provider: ProviderName, env: Env): Server {
  const url = provider === 'ollama' ? ollamaUrl(env) : openAiUrl(provider, env)
  const key = (provider === 'ollama' ? env.OLLAMA_API_KEY : env.OPENAI_API_KEY)?.trim()
  if (!key && url.href.startsWith(openAi)) throw new TriageError('E_CONFIG', 'OPENAI_API_KEY is not set: the key for api.openai.com')
  const known = credentials(url, key)
  return {
    provider,
    url: `${url.protocol}//${url.host}${url.pathname.replace(/\/+$/, '')}`,
    where: `${provider} at ${url.host}`,
    headers: known?.headers ?? {},
    quote: (text) => redact(known?.secret ? text.replaceAll(known.secret, '***') : text).slice(0, 500)
  }
}
