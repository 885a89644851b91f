// The process driver: the runtime port as a client of a process host's HTTP API.
import { type ErrorCode, errors, TriageError } from '@triage/contracts'
import { bodyOf, type HttpRequest, send } from '../http.ts'
import type { EffectOptions, ExecResult, LogQuery, RuntimeEvent, RuntimeInjector } from '../port.ts'

/** How long an answer may take, in milliseconds. Stopping takes the workload's grace time. */
const timeoutMs = 10_000
const stopTimeoutMs = 20_000

interface ProcessRuntimeOptions {
  /** http://127.0.0.1:<port> */
  url: string
  /** A reader's, writer's or injector's: it decides which of the calls are allowed. */
  token: string
}

interface Request extends EffectOptions {
  body?: object
  timeout_ms?: number
}

/** The port on a process host. What the token does not allow throws E_RUNTIME_FORBIDDEN. */
export function processRuntime({ url, token }: ProcessRuntimeOptions): RuntimeInjector {
  const authorization = `Bearer ${token}`

  async function ask(method: string, path: string, { body, idempotency_key, timeout_ms = timeoutMs }: Request = {}): Promise<unknown> {
    const response = await reach(url, path, {
      method,
      headers: { authorization, ...(idempotency_key && { 'idempotency-key': idempotency_key }) },
      signal: AbortSignal.timeout(timeout_ms),
      ...(body && { body: JSON.stringify(body) })
    })
    const answer = await bodyOf(response)
      .then((text) => JSON.parse(text) as unknown)
      .catch((cause) => Promise.reject(unreachable(url, cause)))
    if (response.statusCode !== 200) throw errorOf(answer)
    return answer
  }
  const get = <T>(path: string) => ask('GET', path) as Promise<T>
  const effect = async (method: string, path: string, request?: Request) => void (await ask(method, path, request))

  return {
    kind: 'process',
    list: () => get('/workloads'),
    inspect: (name) => get(of(name)),
    logs: (name, query = {}) => get(`${of(name)}/logs?${searchOf(query)}`),
    stats: () => get('/stats'),
    // It runs on this machine.
    clock: async () => Date.now(),
    configDiff: (name) => get(`${of(name)}/config/diff`),
    watch: (signal) => watch(url, authorization, signal),
    start: (name, options) => effect('POST', `${of(name)}/start`, options),
    stop: (name, options) => effect('POST', `${of(name)}/stop`, { ...options, timeout_ms: stopTimeoutMs }),
    restart: (name, options) => effect('POST', `${of(name)}/restart`, { ...options, timeout_ms: stopTimeoutMs }),
    kill: (name, signal, options) => effect('POST', `${of(name)}/kill`, { ...options, body: { signal } }),
    exec: (name, argv, options) => ask('POST', `${of(name)}/exec`, { ...options, body: { argv } }) as Promise<ExecResult>,
    getConfig: (name) => get(`${of(name)}/config`),
    setConfig: (name, text, options) => effect('PUT', `${of(name)}/config`, { ...options, body: { text } }),
    launch: (spec, beside, options) => effect('POST', `${of(beside)}/beside`, { ...options, body: { spec } }),
    remove: (name, options) => effect('DELETE', of(name), { ...options, timeout_ms: stopTimeoutMs }),
    scale: () => unsupported('run more than one of a workload'),
    attachNetwork: () => unsupported('attach networks'),
    detachNetwork: () => unsupported('detach networks'),
    pause: () => unsupported('pause a workload'),
    unpause: () => unsupported('pause a workload'),
    runInNetwork: () => unsupported('change the network of a workload')
  }
}

async function* watch(url: string, authorization: string, signal: AbortSignal): AsyncGenerator<RuntimeEvent> {
  try {
    const response = await reach(url, '/watch', { headers: { authorization }, signal })
    if (response.statusCode !== 200) throw errorOf(JSON.parse(await bodyOf(response)))
    let rest = ''
    for await (const chunk of response.setEncoding('utf8') as AsyncIterable<string>) {
      const lines = (rest + chunk).split('\n')
      rest = lines.pop()!
      for (const line of lines) if (line) yield JSON.parse(line) as RuntimeEvent
    }
  } catch (error) {
    if (signal.aborted) return
    throw TriageError.from(error, 'E_RUNTIME_UNREACHABLE')
  }
  if (!signal.aborted) throw unreachable(url, 'the stream of events ended')
}

async function reach(url: string, path: string, request: HttpRequest): ReturnType<typeof send> {
  return send(url + path, request).catch((cause) => Promise.reject(unreachable(url, cause)))
}

function unreachable(url: string, cause: unknown): TriageError {
  return new TriageError('E_RUNTIME_UNREACHABLE', `The process runtime at ${url} does not answer`, { cause })
}

function errorOf(answer: unknown): TriageError {
  const { code = '', message = '' } = (answer as { error?: { code?: string; message?: string } } | null)?.error ?? {}
  return new TriageError(Object.hasOwn(errors, code) ? (code as ErrorCode) : 'E_RUNTIME_FAILED', message)
}

async function unsupported(what: string): Promise<never> {
  throw new TriageError('E_RUNTIME_UNSUPPORTED', `The process runtime cannot ${what}`)
}

const of = (name: string) => `/workloads/${encodeURIComponent(name)}`

function searchOf({ since, tail, max_bytes }: LogQuery): URLSearchParams {
  const search = new URLSearchParams()
  for (const [key, value] of Object.entries({ since: since?.toISOString(), tail, max_bytes })) {
    if (value !== undefined) search.set(key, String(value))
  }
  return search
}
