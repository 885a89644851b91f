// The error catalogue and the one error class that carries its codes.
import catalogue from '../errors.json' with { type: 'json' }
import type { ErrorReport } from './generated/types.ts'

export type ErrorCode = Exclude<keyof typeof catalogue, '$comment'>

const { $comment: _, ...entries } = catalogue
export const errors: Readonly<Record<ErrorCode, { title: string; help: string; retry: boolean }>> = Object.freeze(entries)

/** An error with a stable code. `message` says what happened here; the catalogue says what to do. */
export class TriageError extends Error {
  readonly code: ErrorCode
  constructor(code: ErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.name = 'TriageError'
    this.code = code
  }

  /** Whether the same thing may go well later. */
  get retry(): boolean {
    return errors[this.code].retry
  }

  /** The error as it goes on the wire: code and text, never a stack. */
  get report(): ErrorReport {
    return { code: this.code, message: this.message.slice(0, 2000) }
  }

  /** Any thrown thing as a TriageError; what has no code of its own gets `code`. */
  static from(error: unknown, code: ErrorCode = 'E_INTERNAL'): TriageError {
    if (error instanceof TriageError) return error
    return new TriageError(code, error instanceof Error ? error.message : String(error), { cause: error })
  }
}

/** Two sentences for people: what happened, what to do. */
export function explain(error: TriageError): string {
  return `${error.message}\n${errors[error.code].help} (${error.code})`
}
