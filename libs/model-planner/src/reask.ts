// The second question: the first, what was answered, and what is wrong with that.
import type { ErrorReport } from '@triage/contracts'
import { errorsForModel } from './judge.ts'
import type { Message } from './message.ts'
import type { Prompt } from './prompt.ts'
import { plainJson, quote } from './quote.ts'
import { estimateTokens } from './tokens.ts'

/** Tokens that a second question may add to the first, by estimateTokens: a context has room for prompt, this and an answer. */
export const reaskTokens = 900
/** Of them for what was answered. */
const answerTokens = 500

/** The answer as it was understood, else how it began; so much of it as there is room for. */
function answered(object: object | null, text: string): string {
  const json = object ? plainJson(object) : ''
  if (json && estimateTokens(json) <= answerTokens) return json
  return quote(text, answerTokens / 2)
}

export function reask({ messages }: Prompt, text: string, object: object | null, errors: readonly ErrorReport[]): Message[] {
  const content = `That answer was rejected:\n${errorsForModel(errors)}\nAnswer again with one JSON object that mends this. Change nothing else.`
  return [...messages, { role: 'assistant', content: answered(object, text) }, { role: 'user', content }]
}
