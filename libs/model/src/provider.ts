// What differs from one kind of model server to another. Time-outs, retries and bounds are not its business.
import type { CompletionRequest, Constraint, FinishReason, Usage } from './port.ts'

/** A part of an answer as it streams in; each one that holds text shows that the model is at work. */
export interface Piece {
  text?: string
  /** Thought aloud before the answer: shows life and counts against the bounds, but is not part of the text. */
  reasoning?: string
  finish_reason?: FinishReason
  usage?: Usage
  version?: string
}

export interface Answering {
  constraint: Constraint
  pieces: AsyncIterable<Piece>
}

export interface Provider {
  readonly provider: string
  /** The model's name, as its server knows it. */
  readonly name: string
  /**
   * Sends the request; resolves when the answer begins. What is not read of it is let go of when `signal` aborts.
   * @throws TriageError; HttpFailure when the server said no
   */
  answer(request: CompletionRequest, signal: AbortSignal): Promise<Answering>
  contextTokens(signal: AbortSignal): Promise<number>
}
