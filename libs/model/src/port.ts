// What the swarm knows of a language model: one question, one answer, within limits.

export interface Message {
  role: 'system' | 'user' | 'assistant'
  content: string
}

export interface Limits {
  max_output_tokens: number
  /** For everything: waiting, retries and the answer. */
  timeout_ms: number
  /** No token for so long, the first one included: given up. */
  silence_ms: number
  /** Of the answer's text, UTF-8. */
  max_bytes: number
}

export interface CompletionRequest {
  messages: readonly Message[]
  /** JSON Schema that the answer's object must fit; a decoding constraint where the server can. Put it in the prompt too: not all can. */
  schema?: object
  limits: Limits
  temperature: number
  seed?: number
  signal?: AbortSignal
}

/** How the decoding constraint was asked for. */
export type Constraint = 'json_schema' | 'json_object' | 'none'

export interface Usage {
  input_tokens: number | null
  output_tokens: number | null
}

export type FinishReason = 'stop' | 'length' | 'other'

export interface Completion {
  text: string
  /** What the text parses to as JSON, else null; not checked against the schema. */
  object: unknown
  finish_reason: FinishReason
  usage: Usage
  timings: { first_token_ms: number | null; total_ms: number }
  /** version: of the engine, as it says itself. */
  model: { provider: string; name: string; version: string | null }
  constraint: Constraint
}

export interface Model {
  /** provider/model */
  readonly id: string
  /**
   * One answer, within the limits whatever the server does; the connection is closed when it ends.
   * @throws TriageError E_MODEL_*; the reason of `signal` when the caller gives up
   */
  complete(request: CompletionRequest): Promise<Completion>
  /**
   * How many tokens prompt and answer may have together. Asked of the server once.
   * @throws TriageError E_MODEL_MISSING, E_MODEL_UNREACHABLE and the like
   */
  contextTokens(): Promise<number>
}
