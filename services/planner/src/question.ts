// One question to a model: asked, judged, put on record.
import type { Actor, Tracked } from '@triage/actor'
import { TriageError } from '@triage/contracts'
import { type Completion, type CompletionRequest, genAiAttributes, type Model } from '@triage/model'
import { answered, type Chain, failed, judge, type PlanContext, type Step } from '@triage/model-planner'
import { modelRun, recordRun } from './planner-run.ts'

/** With a seed answers are repeatable: the temperature is 0. */
export interface Manner {
  seed: number | null
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
/** A model that has to be loaded says nothing for some seconds. */
const silenceMs = 10_000
const temperature = 0.2

const requestFor = ({ link, messages, timeout_ms }: Question['step'], { seed }: Manner, signal: AbortSignal): CompletionRequest => ({
  messages,
  schema: link.schema,
  limits: { max_output_tokens: answerTokens[link.tier], timeout_ms, silence_ms: silenceMs, max_bytes: answerBytes },
  ...(seed === null ? { temperature } : { temperature: 0, seed }),
  signal
})

/**
 * The chain with one attempt more.
 * @param elapsed milliseconds since planning began
 * @throws the reason of `signal`; whatever keeps the attempt from the record
 */
export async function ask(
  { log, outbox }: Actor,
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
  const { incident_id } = context
  const run = {
    incident_id,
    round,
    planner: model.id,
    input: step.messages.map(({ role, content }) => `[${role}]\n${content}`).join('\n\n'),
    output: completion?.text ?? '',
    startedAt,
    took_ms,
    model: modelRun(attempt, completion)
  }
  await recordRun(outbox, run, follows)
  const { outcome, errors } = attempt
  const told = completion ? genAiAttributes(request, completion) : {}
  log.info({ incident_id, model: model.id, outcome, codes: errors.map(({ code }) => code), took_ms, ...told }, 'asked a model')
  return after
}
