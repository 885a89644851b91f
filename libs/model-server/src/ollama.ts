import type { Words } from './words.ts'

const line = (value: unknown): string => `${JSON.stringify(value)}\n`

export const ollama: Words = {
  contentType: 'application/x-ndjson',
  read: ({ messages, format }) => ({
    messages: (messages ?? []) as never,
    schema: typeof format === 'object' && format !== null ? format : null
  }),
  token: (content, { model }) => line({ model, message: { role: 'assistant', content }, done: false }),
  end: (done_reason, { input_tokens, output_tokens }, { model }) =>
    line({
      model,
      message: { role: 'assistant', content: '' },
      done: true,
      done_reason,
      prompt_eval_count: input_tokens,
      eval_count: output_tokens
    }),
  broken: (error) => line({ error }),
  failure: (error) => JSON.stringify({ error })
}
