import type { Cost, ModelRun } from '@triage/contracts'
import { style } from './style.ts'

export const costText = ({ amount, currency }: Cost): string => `${Number(amount.toPrecision(4))} ${currency}`

/** What is known of a model's run beside its text. */
export function modelRunLines({ question, config, outcome, repairs, errors, answer }: ModelRun): string[] {
  const { temperature, seed, max_output_tokens, timeout_ms } = config
  return [
    `question ${question}: ${outcome}${answer ? `, ${answerText(answer)}` : ''}`,
    `temperature ${temperature}${seed === null ? '' : `, seed ${seed}`}, at most ${max_output_tokens} tokens in ${(timeout_ms / 1000).toFixed(1)} s`,
    ...repairs.map((text) => `repaired: ${text}`),
    ...errors.map(({ code, message }) => style.warn(`${code} ${message}`))
  ]
}

function answerText({ provider, version, input_tokens, output_tokens, finish_reason, cost }: NonNullable<ModelRun['answer']>): string {
  return [
    `by ${provider} ${version ?? 'of an unknown version'}`,
    `${input_tokens ?? '?'} tokens in`,
    `${output_tokens ?? '?'} out`,
    ...(cost ? [`cost ${costText(cost)}`] : []),
    `ended by ${finish_reason}`
  ].join(', ')
}
