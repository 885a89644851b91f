import type { Asked } from './script.ts'
import type { Words } from './words.ts'

const event = (data: unknown): string => `data: ${JSON.stringify(data)}\n\n`

const chunk = ({ model }: Asked, rest: object): string =>
  event({ id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 0, model, system_fingerprint: 'scripted-1', ...rest })

export const openAi: Words = {
  contentType: 'text/event-stream',
  read: ({ messages, response_format }) => ({
    messages: (messages ?? []) as never,
    schema: (response_format as { json_schema?: { schema: object } } | undefined)?.json_schema?.schema ?? null
  }),
  token: (content, asked) => chunk(asked, { choices: [{ index: 0, delta: { content }, finish_reason: null }] }),
  end: (finish_reason, { input_tokens, output_tokens }, asked) => {
    const last = chunk(asked, { choices: [{ index: 0, delta: {}, finish_reason }] })
    const options = asked.body.stream_options as { include_usage?: boolean } | undefined
    const usage = chunk(asked, { choices: [], usage: { prompt_tokens: input_tokens, completion_tokens: output_tokens } })
    return `${last}${options?.include_usage ? usage : ''}data: [DONE]\n\n`
  },
  broken: (message) => event({ error: { message, type: 'server_error' } }),
  failure: (message) => JSON.stringify({ error: { message, type: 'invalid_request_error' } })
}
