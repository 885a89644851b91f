import type { ModelAttempt } from '../model-attempts.ts'
import { costText } from './model-run.ts'
import { duration, style, table } from './style.ts'

const signs = { accepted: style.good('✓'), rejected: style.bad('✗'), failed: style.warn('○') }
/** Of a text that a model or its server may have written. */
const chars = 200
const line = (text: string): string => (text.length > chars ? `${text.slice(0, chars - 1)}…` : text).replaceAll('\n', ' ')
const count = (tokens: number | null): string => (tokens === null ? '?' : String(tokens))

/** What it took: tokens in and out, their cost where it is known, time. */
function cost({ asked }: ModelAttempt): string[] {
  if (!asked) return ['', '', '']
  const { tier, question, took_ms, answer } = asked
  const tokens = answer ? [`${count(answer.input_tokens)} → ${count(answer.output_tokens)} tokens`] : []
  const price = answer?.cost ? [costText(answer.cost)] : []
  return [
    style.dim(question > 1 ? `${tier}, asked again` : tier),
    style.dim([...tokens, ...price].join(', ')),
    style.dim(duration(took_ms))
  ]
}

/** Below an attempt: which repairs of its form were made, and what is against it. */
const notes = ({ repairs, errors }: ModelAttempt): string[] => [
  ...repairs.map((text) => `      ${style.warn('repaired:')} ${line(text)}`),
  ...errors.map(({ code, message }) => `      ${style.bad(code)} ${line(message)}`)
]

/** A line for each question, what it took in columns, and what came of it below. */
export function attemptLines(attempts: readonly ModelAttempt[]): string[] {
  const rows = table(attempts.map((attempt) => [signs[attempt.outcome], attempt.model, attempt.outcome, ...cost(attempt)])).split('\n')
  return attempts.flatMap((attempt, i) => [rows[i]!, ...notes(attempt)])
}
