// What planners did, on record: what went in and what came out, as it was, with the hashes of both.
import { createHash } from 'node:crypto'
import type { Outbox } from '@triage/actor'
import type { Cost, ModelRun, PlannerRun } from '@triage/contracts'
import type { Completion, CompletionRequest } from '@triage/model'
import type { Attempt } from '@triage/model-planner'
import { redact } from '@triage/redact'

/** What a record takes of each, as JSON: both fit into one message. */
const inputBytes = 180_000
const outputBytes = 40_000

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

/** The beginning of a text, as much as takes so many bytes of JSON. */
function clip(text: string, bytes: number): string {
  const takes = (chars: number): number => Buffer.byteLength(JSON.stringify(text.slice(0, chars)))
  let chars = Math.min(text.length, bytes)
  while (takes(chars) > bytes) chars = Math.floor(chars * 0.9)
  return text.slice(0, chars).toWellFormed()
}

/** Its id is a function of what was said: the same run is on record once. */
export async function recordRun(
  outbox: Pick<Outbox, 'record'>,
  { startedAt, ...run }: Omit<PlannerRun, 'cut' | 'input_sha256' | 'output_sha256' | 'started_at'> & { startedAt: Date },
  follows: { traceparent: string; cause: string }
): Promise<void> {
  const [input, output] = [redact(run.input), redact(run.output)]
  const [input_sha256, output_sha256] = [sha256(input), sha256(output)]
  const { incident_id, round, planner, model } = run
  const said = sha256([planner, model?.question, model?.outcome, input_sha256, output_sha256].join(' ')).slice(0, 16)
  const kept = { input: clip(input, inputBytes), output: clip(output, outputBytes) }
  const cut = kept.input !== input || kept.output !== output
  const payload = {
    ...run,
    ...kept,
    ...(cut && { cut: true as const }),
    input_sha256,
    output_sha256,
    started_at: startedAt.toISOString()
  }
  await outbox.record('record.planner-run.v1', `run:${incident_id}:${round}:${said}`, payload, follows)
}

/** What came of an attempt, within the bounds of a message. */
export const noted = ({ outcome, repairs, errors }: Attempt): Pick<ModelRun, 'outcome' | 'repairs' | 'errors'> => ({
  outcome,
  repairs: repairs.slice(0, 10).map((text) => text.slice(0, 200)),
  errors: errors.slice(0, 10).map(({ code, message }) => ({ code, message: message.slice(0, 500) }))
})

/** @param completion null when there was no answer */
export const modelRun = (
  attempt: Attempt,
  { temperature, seed, limits }: CompletionRequest,
  completion: Completion | null,
  cost: Cost | null
): ModelRun => ({
  tier: attempt.tier,
  question: attempt.question,
  config: {
    temperature,
    seed: seed ?? null,
    max_output_tokens: limits.max_output_tokens,
    timeout_ms: limits.timeout_ms,
    silence_ms: limits.silence_ms
  },
  ...noted(attempt),
  ...(completion && {
    answer: {
      provider: completion.model.provider,
      version: completion.model.version?.slice(0, 200) ?? null,
      finish_reason: completion.finish_reason,
      constraint: completion.constraint,
      ...completion.usage,
      first_token_ms: completion.timings.first_token_ms,
      ...(cost && { cost })
    }
  })
})
