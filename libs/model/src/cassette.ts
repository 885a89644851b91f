// Record and replay of a model, at the port: what was asked and what came of it, errors too. The same questions in the same order have
// the same answers again.
import { type ErrorCode, TriageError } from '@triage/contracts'
import { redactFields } from '@triage/redact'
import {
  type Answer,
  type Asked,
  askedForVectors,
  askedOf,
  everyEntry,
  keyOf,
  type Outcome,
  readEntry,
  writeEntry
} from './cassette-entry.ts'
import type { Embedder } from './embedder.ts'
import { nearestDifference } from './nearest.ts'
import type { Model } from './port.ts'
import type { Env } from './server.ts'

/** How often a question was asked before: its answers are kept, and taken, one after the other. The context has one answer. */
function lanes(): (key: string, asked: Asked) => number {
  const before = new Map<string, number>()
  return (key, { completion }) => {
    const lane = before.get(key) ?? 0
    if (completion) before.set(key, lane + 1)
    return lane
  }
}

/** What came of a question, without secrets; what has no code, as a caller that gave up, is not recorded. */
async function outcomeOf<T>(answer: Promise<T>): Promise<Outcome<T>> {
  try {
    return { value: redactFields(await answer) }
  } catch (error) {
    if (error instanceof TriageError) return { error: redactFields(error.report) }
    throw error
  }
}

/** Finds out what comes of a question; `answer` asks the model itself. */
type Ask<M> = <T extends Answer>(asked: Asked, answer: (model: M) => Promise<T>) => Promise<Outcome<T>>

async function answerOf<T>(asking: Promise<Outcome<T>>): Promise<T> {
  const outcome = await asking
  if ('error' in outcome) throw new TriageError(outcome.error.code as ErrorCode, outcome.error.message)
  return outcome.value
}

const modelThat = (id: string, ask: Ask<Model>): Model => ({
  id,
  complete: async (request) => {
    request.signal?.throwIfAborted()
    return answerOf(ask(askedOf(id, request), (model) => model.complete(request)))
  },
  contextTokens: () => answerOf(ask(askedOf(id, null), (model) => model.contextTokens()))
})

const embedderThat = (id: string, ask: Ask<Embedder>): Embedder => ({
  id,
  embed: (texts, timeoutMs) => answerOf(ask(askedForVectors(id, texts), (embedder) => embedder.embed(texts, timeoutMs)))
})

/** Asks, and keeps what comes of it; what was recorded for the same questions is replaced. */
function recording<M>(model: M, folder: string, env: Env): Ask<M> {
  if (env.CI && env.CI !== 'false') throw new TriageError('E_CONFIG', 'CI is set: models are recorded by people, and replayed there')
  const laneOf = lanes()
  return async (asked, answer) => {
    const key = keyOf(asked)
    const lane = laneOf(key, asked)
    const outcome = await outcomeOf(answer(model))
    await writeEntry(folder, key, lane, { asked, outcome })
    return outcome
  }
}

function replaying<M>(id: string, folder: string): Ask<M> {
  const laneOf = lanes()
  return async (asked) => {
    const key = keyOf(asked)
    const lane = laneOf(key, asked)
    const entry = await readEntry(folder, key, lane)
    // The key is that of the question, so the answer is of its kind.
    if (entry) return entry.outcome as Outcome<never>
    if (lane > 0)
      throw new TriageError('E_REPLAY_MISS', `${id} was asked the same ${lane} times when ${folder} was recorded, and now once more`)
    const recorded = (await everyEntry(folder)).map((each) => each.asked)
    throw new TriageError('E_REPLAY_MISS', `${id}, ${folder}: ${nearestDifference(recorded, asked)}`)
  }
}

/**
 * The model, each question and answer kept in the folder, without secrets.
 * @throws E_CONFIG under CI: nobody would read what is recorded there
 */
export const recordModel = (model: Model, folder: string, env: Env = process.env): Model =>
  modelThat(model.id, recording(model, folder, env))

/** What was recorded of the model in the folder; no server is needed. A question that is not there is E_REPLAY_MISS. */
export const replayModel = (id: string, folder: string): Model => modelThat(id, replaying(id, folder))

/** As recordModel. */
export const recordEmbedder = (embedder: Embedder, folder: string, env: Env = process.env): Embedder =>
  embedderThat(embedder.id, recording(embedder, folder, env))

/** As replayModel. */
export const replayEmbedder = (id: string, folder: string): Embedder => embedderThat(id, replaying(id, folder))
