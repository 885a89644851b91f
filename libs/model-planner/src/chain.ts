// Which model is asked next, with what, and when to stop: fast, asked twice at most; smart, the same; then the rulebook.
//
// Invariants
// 1. A function of what was attempted and of the time that has passed: no clock, no I/O.
// 2. Each model is asked at most twice, the second time with what was wrong. One that fails (time-out, unreachable, …) is not asked
//    again: its provider has tried what it could.
// 3. It ends within the budget: no question is asked that may be answered later than that.
import type { ErrorReport } from '@triage/contracts'
import type { Judgement } from './judge.ts'
import type { Message } from './message.ts'
import type { Drafted } from './plan-of.ts'
import type { Prompt } from './prompt.ts'
import { reask } from './reask.ts'

export interface Link {
  tier: 'fast' | 'smart'
  /** provider/model */
  model: string
  /** Made for this model's context. */
  prompt: Prompt
  schema: object
}

/** What a provider says of an answer; see the port of models. */
export interface Answered {
  text: string
  finish_reason: 'stop' | 'length' | 'other'
  usage: { input_tokens: number | null; output_tokens: number | null }
}

/** One question and what came of it, for the record. */
export interface Attempt {
  tier: Link['tier']
  model: string
  /** 1, or 2 when it was asked again. */
  question: 1 | 2
  messages: readonly Message[]
  answer: Answered | null
  outcome: 'accepted' | 'rejected' | 'failed'
  repairs: readonly string[]
  /** What it was understood as. */
  object: object | null
  /** Why it was rejected, or how it failed. */
  errors: readonly ErrorReport[]
  /** Since planning began, milliseconds. */
  ended_at_ms: number
}

export interface Chain {
  links: readonly Link[]
  /** From the beginning of planning to its end, milliseconds. */
  budget_ms: number
  /** Oldest first; only the last can have been accepted. */
  attempts: readonly Attempt[]
  drafted: Drafted | null
}

export type Step =
  | { do: 'ask'; link: Link; question: 1 | 2; messages: readonly Message[]; timeout_ms: number }
  | { do: 'use'; source: string; drafted: Drafted }
  | { do: 'rulebook'; why: 'no_model' | 'no_valid_plan' | 'out_of_time' }

/** No model answers in less. */
const leastMs = 1_000

/** @param links in the order in which they are asked; none: the rulebook alone */
export const startChain = (links: readonly Link[], budget_ms: number): Chain => ({
  links,
  budget_ms,
  attempts: [],
  drafted: null
})

/** The first link that may still be asked, and how often it was. */
function current({ links, attempts }: Chain): { link: Link; asked: number; later: number } | null {
  for (const [i, link] of links.entries()) {
    const own = attempts.filter(({ model, tier }) => model === link.model && tier === link.tier)
    if (own.length < 2 && own.every(({ outcome }) => outcome === 'rejected'))
      return { link, asked: own.length, later: links.length - i - 1 }
  }
  return null
}

/** @param elapsed_ms since planning began */
export function next(chain: Chain, elapsed_ms: number): Step {
  if (chain.drafted) return { do: 'use', source: chain.attempts.at(-1)!.model, drafted: chain.drafted }
  const at = current(chain)
  if (!at) return { do: 'rulebook', why: chain.links.length === 0 ? 'no_model' : 'no_valid_plan' }
  // Whoever comes later gets as much of what is left.
  const timeout_ms = Math.floor((chain.budget_ms - elapsed_ms) / (at.later + 1))
  if (timeout_ms < leastMs) return { do: 'rulebook', why: 'out_of_time' }
  const before = at.asked === 1 ? chain.attempts.at(-1)! : null
  const messages = before ? reask(at.link.prompt, before.answer!.text, before.object, before.errors) : at.link.prompt.messages
  return { do: 'ask', link: at.link, question: before ? 2 : 1, messages, timeout_ms }
}

type Ask = Extract<Step, { do: 'ask' }>
const attempt = ({ link: { tier, model }, question, messages }: Ask) => ({ tier, model, question, messages })

/** An answer to what `next` asked, judged. One that was cut off for its length is told so. */
export function answered(chain: Chain, ask: Ask, answer: Answered, judgement: Judgement, elapsed_ms: number): Chain {
  const { verdict, repairs, object } = judgement
  const cut: ErrorReport[] =
    answer.finish_reason === 'length' ? [{ code: 'E_ANSWER_FORM', message: 'the answer was longer than it may be: say less' }] : []
  const errors = judgement.verdict === 'rejected' ? [...cut, ...judgement.errors] : []
  const made: Attempt = { ...attempt(ask), answer, outcome: verdict, repairs, object, errors, ended_at_ms: elapsed_ms }
  return { ...chain, attempts: [...chain.attempts, made], drafted: judgement.verdict === 'accepted' ? judgement : null }
}

/** What `next` asked was not answered. */
export function failed(chain: Chain, ask: Ask, error: ErrorReport, elapsed_ms: number): Chain {
  const made: Attempt = {
    ...attempt(ask),
    answer: null,
    outcome: 'failed',
    repairs: [],
    object: null,
    errors: [error],
    ended_at_ms: elapsed_ms
  }
  return { ...chain, attempts: [...chain.attempts, made] }
}
