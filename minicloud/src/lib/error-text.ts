// What a log line says of an error: the error that really happened, below the wrappers of client libraries.

function rootCause(error: unknown): unknown {
  if (error instanceof AggregateError && error.errors.length > 0) return rootCause(error.errors[0])
  return error instanceof Error && error.cause instanceof Error ? rootCause(error.cause) : error
}

/** The system's or server's code (ECONNREFUSED, 28P01) where there is one, else the error's name. */
export function errorCode(error: unknown): string {
  const root = rootCause(error)
  if (!(root instanceof Error)) return typeof root
  const { code } = root as { code?: unknown }
  return typeof code === 'string' ? code : root.name
}

/** `SyntaxError: Unexpected token …`; the bare text where the name says nothing. */
export function errorText(error: unknown): string {
  const root = rootCause(error)
  if (!(root instanceof Error)) return String(root)
  return root.name.toLowerCase() === 'error' ? root.message : `${root.name}: ${root.message}`
}
