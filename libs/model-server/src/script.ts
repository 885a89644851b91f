export type Protocol = 'ollama' | 'openai'

/** A request for an answer, as the server got it. */
export interface Asked {
  protocol: Protocol
  model: string
  messages: { role: string; content: string }[]
  /** The decoding constraint; null without one. */
  schema: object | null
  /** Tokens that a prompt of this length may have: four characters each. */
  input_tokens: number
  /** The whole body. */
  body: Record<string, unknown>
  headers: Record<string, string | string[] | undefined>
}

/** What the server does with one request. Tokens are pieces of four characters. */
export type Step =
  /** finish: why the answer ends, `stop` by default. piece: characters that are sent at once. */
  | { does: 'answer'; text: string; finish?: 'stop' | 'length'; first_token_ms?: number; piece?: number }
  /** retry_after: the header's value. */
  | { does: 'fail'; status: number; message?: string; retry_after?: string }
  /** Says the first tokens and then nothing, the connection staying open. */
  | { does: 'stall'; after_tokens: number }
  /** … and then breaks the connection. */
  | { does: 'reset'; after_tokens: number }
  /** … and then ends the answer, properly as HTTP has it, without an end as the protocol has it. */
  | { does: 'end'; after_tokens: number }
  /** … and then reports an error, inside the stream. */
  | { does: 'break'; after_tokens: number; message: string }
  /** Tokens as fast as they are taken, without an end. */
  | { does: 'babble' }
  /** A line without an end. */
  | { does: 'flood' }
  /** No answer at all, not even its head. */
  | { does: 'hang' }
  /** These bytes in the place of an answer. */
  | { does: 'send'; content_type: string; bytes: string }

/** Steps one after the other, the last of which stands for all that follow, or what to do with each request, numbered from 0. */
export type Script = readonly Step[] | ((asked: Asked, nth: number) => Step)

export function stepFor(script: Script, asked: Asked, nth: number): Step {
  const step = typeof script === 'function' ? script(asked, nth) : script[Math.min(nth, script.length - 1)]
  if (!step) throw new Error('the script is empty')
  return step
}
