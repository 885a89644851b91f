// Has a model word what happened in an incident, and keeps what it says to the facts.
import { type ErrorReport, TriageError } from '@triage/contracts'
import { storyOf } from '@triage/explain'
import type { Wording } from '@triage/explain/wording'
import type { IncidentState } from '@triage/incident'
import type { Completion, Model } from '@triage/model'

const limits = { max_output_tokens: 600, max_bytes: 16 * 1024 }
/** For everything. */
const timeoutMs = 60_000
/** The second time with what was wrong with the first answer. */
const questions = 2

export type Worded = { wording: Wording; usage: Completion['usage'] } | { wording: null; error: ErrorReport }

export interface Manner {
  /** For answers that are repeatable; null for none. */
  seed: number | null
  signal: AbortSignal
  /** A server may have to load its model first. */
  silenceMs?: number
}

/** Never throws but the reason of `signal`: without a wording, the error says why. */
export async function wordIncident(model: Model, state: IncidentState, { seed, signal, silenceMs = 20_000 }: Manner): Promise<Worded> {
  // Only who has a model loads what it takes.
  const { again, judgeWording, wordingMessages, wordingSchema } = await import('@triage/explain/wording')
  const deadline = performance.now() + timeoutMs
  let messages = wordingMessages(storyOf(state))
  let objections: string[] = []
  try {
    for (let asked = 0; asked < questions; asked++) {
      const timeout_ms = Math.max(1, Math.round(deadline - performance.now()))
      const { text, usage } = await model.complete({
        messages,
        schema: wordingSchema,
        limits: { ...limits, timeout_ms, silence_ms: silenceMs },
        temperature: 0,
        ...(seed !== null && { seed }),
        signal
      })
      const judged = judgeWording(text, state)
      if (judged.wording) return { wording: judged.wording, usage }
      objections = judged.objections
      messages = again(messages, text, objections)
    }
    return { wording: null, error: { code: 'E_ANSWER_DISAGREES', message: objections.join('; ') } }
  } catch (error) {
    signal.throwIfAborted()
    return { wording: null, error: TriageError.from(error, 'E_MODEL_ANSWER').report }
  }
}
