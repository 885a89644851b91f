// The client library's errors as ours.
import { JetStreamApiError } from '@nats-io/jetstream'
import { AuthorizationError, PermissionViolationError } from '@nats-io/transport-node'
import { TriageError } from '@triage/contracts'

/** Subject's last sequence number or stream's last sequence number was another than expected. */
const wrongLastSequence = new Set([10071, 10070, 10164])

/** Whether somebody else wrote first. */
export const isConflict = (error: unknown): error is JetStreamApiError =>
  error instanceof JetStreamApiError && wrongLastSequence.has(error.code)

/** Whether the server did answer, and does not allow it. */
export const isRefusal = (error: unknown): boolean => {
  if (error instanceof PermissionViolationError || error instanceof AuthorizationError) return true
  return error instanceof Error && error.cause !== undefined && isRefusal(error.cause)
}

/** Throws E_BUS_FORBIDDEN when the server refused, else E_BUS_UNREACHABLE. */
export const toBusError = (error: unknown): never => {
  if (error instanceof TriageError) throw error
  const { message } = error as Error
  throw isRefusal(error)
    ? new TriageError('E_BUS_FORBIDDEN', `the message bus refused: ${message}`, { cause: error })
    : new TriageError('E_BUS_UNREACHABLE', `the message bus did not answer: ${message}`, { cause: error })
}
