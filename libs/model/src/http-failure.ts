import { type ErrorCode, TriageError } from '@triage/contracts'
import type { Server } from './server.ts'

const missing = /model.{0,200}(?:not[ _]found|does not exist)/is

function codeOf(status: number, said: string): ErrorCode {
  if ((status === 404 || status === 400) && missing.test(said)) return 'E_MODEL_MISSING'
  return status === 408 || status === 429 || status >= 500 ? 'E_MODEL_BUSY' : 'E_MODEL_REFUSED'
}

/** The server's answer was not 2xx. */
export class HttpFailure extends TriageError {
  readonly status: number
  /** The beginning of the body, without secrets. */
  readonly said: string
  /** How long the server asks to be left alone; null when it does not say. */
  readonly retryAfterMs: number | null

  constructor(server: Server, status: number, said: string, retryAfterMs: number | null) {
    const quoted = server.quote(said)
    super(codeOf(status, said), `${server.where} answered ${status}: ${quoted || 'nothing'}`)
    this.status = status
    this.said = quoted
    this.retryAfterMs = retryAfterMs
  }
}
