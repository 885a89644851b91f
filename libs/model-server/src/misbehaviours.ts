import type { Script } from './script.ts'

/** Everything of another type than it was. */
function wrongTypes(value: unknown): unknown {
  if (typeof value === 'string') return 7
  if (typeof value === 'number') return 'seven'
  if (Array.isArray(value)) return Object.fromEntries(value.map((item, i) => [`item${i}`, wrongTypes(item)]))
  if (typeof value !== 'object' || value === null) return []
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, wrongTypes(item)]))
}

const tenMegabytes = 'all work and no play '.repeat(500_000)

/** What models and their servers do wrong, each as a script. @param good the object that a good model would answer with */
export function misbehaviours(good: object) {
  const json = JSON.stringify(good)
  return {
    truncated_json: [{ does: 'answer', text: json.slice(0, -Math.ceil(json.length / 3)), finish: 'length' }],
    prose_around_json: [{ does: 'answer', text: `Sure! Here is the plan:\n\n\`\`\`json\n${json}\n\`\`\`\nLet me know how it goes.` }],
    wrong_types: [{ does: 'answer', text: JSON.stringify(wrongTypes(good)) }],
    tool_call_as_text: [{ does: 'answer', text: `<tool_call>\n${JSON.stringify({ name: 'submit', arguments: good })}\n</tool_call>` }],
    refusal: [{ does: 'answer', text: "I'm sorry, but I can't help with that." }],
    nothing_said: [{ does: 'answer', text: '' }],
    busy_for_ever: [{ does: 'fail', status: 429, message: 'too many requests', retry_after: '0' }],
    busy_for_an_hour: [{ does: 'fail', status: 429, message: 'too many requests', retry_after: '3600' }],
    failing: [{ does: 'fail', status: 500, message: 'the runner has terminated' }],
    missing_model: [{ does: 'fail', status: 404, message: 'model "gone" not found' }],
    refused_key: [{ does: 'fail', status: 401, message: 'that key is not valid' }],
    stall_after_three_tokens: [{ does: 'stall', after_tokens: 3 }],
    slow_first_token: [{ does: 'answer', text: json, first_token_ms: 60_000 }],
    hung_socket: [{ does: 'hang' }],
    connection_reset: [{ does: 'reset', after_tokens: 3 }],
    cut_stream: [{ does: 'end', after_tokens: 3 }],
    error_in_stream: [{ does: 'break', after_tokens: 3, message: 'out of memory' }],
    endless_stream: [{ does: 'babble' }],
    endless_line: [{ does: 'flood' }],
    ten_megabytes: [{ does: 'answer', text: tenMegabytes, piece: 10_000 }],
    ten_megabytes_at_once: [{ does: 'answer', text: tenMegabytes, piece: tenMegabytes.length }],
    wrong_shape: ({ protocol }) => ({
      does: 'send',
      content_type: protocol === 'ollama' ? 'application/x-ndjson' : 'text/event-stream',
      bytes: protocol === 'ollama' ? '{"message":{"content":{"a":1}}}\n' : 'data: null\n\n'
    }),
    web_page: [{ does: 'send', content_type: 'text/html', bytes: '<html><body>It works!</body></html>\n' }]
  } satisfies Record<string, Script>
}
