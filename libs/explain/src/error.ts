// Errors of Docker, Kubernetes and HTTP: what, why, fixes.
import { errors as catalogue, TriageError } from '@triage/contracts'
import { redact } from '@triage/redact'
import { dockerErrors } from './docker-errors.ts'
import { kubernetesErrors } from './kubernetes-errors.ts'
import { httpErrors, networkErrors } from './network-errors.ts'

export interface Explanation {
  what: string
  why: string
  /** What to do, the likeliest first. */
  fixes: readonly string[]
  /** What the error says of itself, without secrets, shortened. Data. */
  said: string
}

/** Longest text that is looked at, characters; causes that are followed. */
const most = 4000
const depth = 5
/** Where programs put what they have to say: Node, dockerode, the Kubernetes client, fetch. */
const textFields = ['name', 'message', 'code', 'reason', 'body', 'stderr'] as const
const statusFields = ['statusCode', 'status'] as const

type Fields = Record<string, unknown>
const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null
const isText = (value: unknown): value is string => typeof value === 'string'

/** The error and what caused it, outermost first. */
function chainOf(error: unknown): unknown[] {
  const chain = [error]
  for (let at = error; isFields(at) && at.cause !== undefined && chain.length < depth; at = at.cause) chain.push(at.cause)
  return chain
}

function textOf(error: unknown): string {
  if (!isFields(error)) return String(error)
  // A body is a text, or an object that has a message and a reason again.
  return textFields
    .map((name) => error[name])
    .map((value) => (typeof value === 'string' ? value : isFields(value) ? [value.message, value.reason].filter(isText).join(' ') : ''))
    .join(' ')
}

function statusOf(error: unknown): number | undefined {
  if (!isFields(error)) return undefined
  const status = [...statusFields, 'code'].map((name) => error[name]).find((value) => typeof value === 'number')
  return (status as number | undefined) ?? (isFields(error.response) ? statusOf(error.response) : undefined)
}

/** A status of HTTP that a text tells, as `HTTP/1.1 502`, `status code 503` or `504 Gateway Timeout` do. */
function statusIn(text: string): number | undefined {
  const [, named, worded] = /\b(?:HTTP(?:\/[\d.]{1,3})?|status|code)[\s:=]{1,2}([45]\d\d)\b|\b([45]\d\d) [A-Z][a-z]/.exec(text) ?? []
  return named || worded ? Number(named ?? worded) : undefined
}

function saidBy(error: unknown): string {
  const message = isFields(error) && typeof error.message === 'string' ? error.message : textOf(error)
  return redact(message.slice(0, most)).slice(0, 500)
}

/**
 * The most particular that is known: what the words of Docker or Kubernetes say, then the status of an answer, then what happened to
 * the connection, then our own catalogue. Null: nobody has explained it yet. Never throws.
 */
export function explainError(error: unknown): Explanation | null {
  const chain = chainOf(error)
  const text = chain.map(textOf).join('\n').slice(0, most)
  const status = [...chain.map(statusOf), statusIn(text)].find((value) => value !== undefined && Object.hasOwn(httpErrors, value))
  const worded = [...dockerErrors, ...kubernetesErrors].find(({ finds }) => finds.test(text))
  const found = worded ?? (status === undefined ? undefined : httpErrors[status]) ?? networkErrors.find(({ finds }) => finds.test(text))
  const said = saidBy(error)
  if (found) return { what: found.what, why: found.why, fixes: found.fixes, said }
  if (!(error instanceof TriageError)) return null
  const { title, help } = catalogue[error.code]
  return { what: `${title}.`, why: said, fixes: [help], said }
}
