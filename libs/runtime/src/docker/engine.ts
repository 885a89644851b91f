// The connection to a Docker Engine, or to the filtering proxy in front of one, and what its failures mean.
import { TriageError } from '@triage/contracts'
import Docker from 'dockerode'

/** Silence after which a request counts as lost, in milliseconds. Stopping takes the container's grace time. */
const quickMs = 10_000
const patientMs = 90_000

export interface EngineOptions {
  /** unix:///path of a socket, or http://host:port of a filtering proxy. */
  url: string
  /** Decides, at a proxy, which of the calls are allowed. */
  token?: string
}

interface AskOptions {
  /** Status codes that mean that there was nothing to do. */
  fine?: number[]
}

/** What dockerode rejects with. */
interface Failure {
  code?: string
  statusCode?: number
  json?: { message?: string } | null
  message?: string
}

export class Engine {
  readonly url: string
  /** For what is answered at once. */
  readonly quick: Docker
  /** For what may take a container's grace time. */
  readonly patient: Docker
  /** For answers that go on for as long as one listens. */
  readonly streaming: Docker
  readonly #options: EngineOptions

  /** @param idempotency_key kept by a proxy with the record of each effect */
  constructor(options: EngineOptions, idempotency_key?: string) {
    const connection = { ...connectionOf(options.url), headers: headersOf(options.token, idempotency_key) }
    this.#options = options
    this.url = options.url
    this.quick = new Docker({ ...connection, timeout: quickMs })
    this.patient = new Docker({ ...connection, timeout: patientMs })
    this.streaming = new Docker(connection)
  }

  /** The same engine for one effect. */
  for(idempotency_key: string | undefined): Engine {
    return idempotency_key === undefined ? this : new Engine(this.#options, idempotency_key)
  }

  /** Does it, and says in the port's terms what went wrong. Null when a status code says that there was nothing to do. */
  async ask<T>(work: () => Promise<T>): Promise<T>
  async ask<T>(work: () => Promise<T>, options: AskOptions): Promise<T | null>
  async ask<T>(work: () => Promise<T>, { fine = [] }: AskOptions = {}): Promise<T | null> {
    try {
      return await work()
    } catch (error) {
      const { statusCode } = error as Failure
      if (statusCode !== undefined && fine.includes(statusCode)) return null
      throw this.errorOf(error)
    }
  }

  /** Any failure as a TriageError. */
  errorOf(cause: unknown): TriageError {
    if (cause instanceof TriageError) return cause
    const { code, statusCode, json, message = String(cause) } = cause as Failure
    const said = (json?.message ?? message.replace(/^\(HTTP code \d+\) [^-]*- /, '')).trim()
    if (statusCode === undefined) return this.#unreachable(code, said, cause)
    // What a proxy answers while the engine is away.
    if (statusCode === 503) return new TriageError('E_RUNTIME_UNREACHABLE', said, { cause })
    if (statusCode === 403) return new TriageError('E_RUNTIME_FORBIDDEN', said, { cause })
    if (statusCode === 404 && /image/i.test(said)) return new TriageError('E_RUNTIME_IMAGE_MISSING', said, { cause })
    if (statusCode === 404) return new TriageError('E_RUNTIME_UNKNOWN_TARGET', said, { cause })
    if (statusCode === 409 && /already in use/.test(said)) return new TriageError('E_RUNTIME_CONFLICT', said, { cause })
    return new TriageError('E_RUNTIME_FAILED', `The Docker Engine says: ${said}`, { cause })
  }

  #unreachable(code: string | undefined, said: string, cause: unknown): TriageError {
    if (code === 'EACCES')
      return new TriageError('E_RUNTIME_FORBIDDEN', `This user may not open ${this.url}: it is not in the group docker`, { cause })
    const why = { ENOENT: 'there is no such socket', ECONNREFUSED: 'nobody listens there' }[code ?? ''] ?? said
    return new TriageError('E_RUNTIME_UNREACHABLE', `The Docker Engine at ${this.url} does not answer: ${why}`, { cause })
  }
}

function connectionOf(url: string): Docker.DockerOptions {
  const { protocol, hostname, port, pathname } = URL.parse(url) ?? {}
  // The version of Docker 20.10, so that an engine of any age since then says the same.
  if (protocol === 'unix:' && pathname) return { socketPath: decodeURIComponent(pathname), version: 'v1.41' }
  if (protocol === 'http:' || protocol === 'tcp:') return { protocol: 'http', host: hostname!, port: port || 2375, version: 'v1.41' }
  throw new TriageError('E_CONFIG', `"${url}" is not the address of a Docker Engine: unix:///path or http://host:port`)
}

const headersOf = (token?: string, key?: string): Record<string, string> => ({
  ...(token && { authorization: `Bearer ${token}` }),
  ...(key && { 'idempotency-key': key })
})
