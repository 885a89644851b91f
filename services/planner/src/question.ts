// One question to a model: asked, judged, put on record.
import type { Tracked } from '@triage/actor'
import { TriageError } from '@triage/contracts'
import { type Completion, type CompletionRequest, costOf, genAiAttributes, type Model, type Prices } from '@triage/model'
import { answered, type Chain, failed, judge, type PlanContext, type Step } from '@triage/model-planner'
import type { Desk } from './desk.ts'
import { modelRun, recordRun } from './planner-run.ts'

export interface Manner {
  /** With one answers are repeatable: the temperature is 0. */
  seed: number | null
  prices: Prices
}

export interface Question {
  step: Extract<Step, { do: 'ask' }>
  model: Model
  context: PlanContext
  round: number
  follows: Pick<Tracked, 'traceparent' | 'cause'>
}

/** The longest answers are those of a model that thinks in them first. */
export const answerTokens = { fast: 800, smart: 1_400 } as const
const answerBytes = 32 * 1024
/** A model that has to be loaded, or that reads a long prompt on a slow machine, says nothing for a while. */
const leastSilenceMs = 10_000
const temperature = 0.2

const requestFor = ({ link, messages, timeout_ms }: Question['step'], { seed }: Manner, signal: AbortSignal): CompletionRequest => ({
  messages,
  schema: link.schema,
  limits: {
    max_output_tokens: answerTokens[link.tier],
    timeout_ms,
    silence_ms: Math.max(leastSilenceMs, timeout_ms / 2),
    max_bytes: answerBytes
  },
  ...(seed === null ? { temperature } : { temperature: 0, seed }),
  signal
})

/**
 * The chain with one attempt more.
 * @param elapsed milliseconds since planning began
 * @throws the reason of `signal`; whatever keeps the attempt from the record
 */
export async function ask(
  { log, outbox }: Desk,
  chain: Chain,
  { step, model, context, round, follows }: Question,
  manner: Manner,
  elapsed: () => number,
  signal: AbortSignal
): Promise<Chain> {
  const request = requestFor(step, manner, signal)
  const startedAt = new Date()
  const started = performance.now()
  const answer: Completion | TriageError = await model.complete(request).catch((error: unknown) => {
    signal.throwIfAborted()
    return TriageError.from(error, 'E_MODEL_ANSWER')
  })
  const took_ms = performance.now() - started
  const completion = answer instanceof TriageError ? null : answer
  const after =
    answer instanceof TriageError
      ? failed(chain, step, answer.report, elapsed())
      : answered(chain, step, answer, judge(answer.text, context), elapsed())
  const attempt = after.attempts.at(-1)!
  const cost = completion && costOf(completion.usage, manner.prices[model.id])
  const { incident_id } = context
  const run = {
    incident_id,
    round,
    planner: model.id,
    input: step.messages.map(({ role, content }) => `[${role}]\n${content}`).join('\n\n'),
    output: completion?.text ?? '',
    startedAt,
    took_ms,
    model: modelRun(attempt, request, completion, cost)
  }
  await recordRun(outbox, run, follows)
  const { outcome, errors } = attempt
  const told = completion ? genAiAttributes(request, completion, cost) : {}
  log.info({ incident_id, model: model.id, outcome, codes: errors.map(({ code }) => code), took_ms, ...told }, 'asked a model')
  return after
}
