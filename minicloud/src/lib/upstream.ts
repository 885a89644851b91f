import { RequestFailure } from './request-failure.ts'

const timeoutMs = 2000

/** One service that another depends on over HTTP. */
export class Upstream {
  readonly #name: string
  readonly #url: string
  constructor(name: string, url: string) {
    this.#name = name
    this.#url = url
  }

  /**
   * The JSON that the upstream answers. Throws RequestFailure: 504 when it takes longer than 2 s, 502 when it cannot be reached
   * or fails, its own status when it refuses (4xx).
   */
  async call<T>(path: string, body?: unknown): Promise<T> {
    const response = await this.#fetch(path, body)
    if (response.ok) return (await response.json()) as T
    await response.body?.cancel()
    const { status } = response
    throw this.#failure(status < 500 ? status : 502, new Error(`${this.#name} answered ${status}`), { upstream_status: status })
  }

  /** Throws when the upstream is not alive. */
  async check(): Promise<void> {
    await this.call('/healthz')
  }

  async #fetch(path: string, body: unknown): Promise<Response> {
    const post = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
    try {
      return await fetch(this.#url + path, { ...(body !== undefined && post), signal: AbortSignal.timeout(timeoutMs) })
    } catch (error) {
      throw this.#failure(error instanceof Error && error.name === 'TimeoutError' ? 504 : 502, error)
    }
  }

  #failure(status: number, cause: unknown, meta?: Record<string, unknown>): RequestFailure {
    return new RequestFailure(status, cause, { upstream: this.#name, ...meta })
  }
}
