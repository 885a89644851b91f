import { errorText } from './error-text.ts'

/** A request that fails for a reason that its handler knows more about: the status to answer, and what belongs in the log line. */
export class RequestFailure extends Error {
  readonly statusCode: number
  readonly meta: Record<string, unknown>
  constructor(statusCode: number, cause: unknown, meta: Record<string, unknown>) {
    super(errorText(cause), { cause })
    this.name = 'RequestFailure'
    this.statusCode = statusCode
    this.meta = meta
  }
}
