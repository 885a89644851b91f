import { expect, test } from 'vitest'
import { type ModelServer, misbehaviours, type Protocol, type Script, startModelServer } from './model-server.ts'

const model = 'scripted:1b'
const messages = [{ role: 'user', content: 'What now, then?!' }]

/** Asks with the platform's own fetch: the body of the answer, and its head. */
async function ask(server: ModelServer, protocol: Protocol, more: object = {}): Promise<{ head: Response; body: string }> {
  const url = protocol === 'ollama' ? `${server.ollama_url}/api/chat` : `${server.openai_url}/chat/completions`
  const head = await fetch(url, { method: 'POST', body: JSON.stringify({ model, messages, stream: true, ...more }) })
  return { head, body: await head.text() }
}

const lines = (body: string) =>
  body
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
const events = (body: string) => body.split('\n\n').filter(Boolean)

test('an answer in the words of Ollama', async () => {
  await using server = await startModelServer({ script: [{ does: 'answer', text: '{"a":1}' }] })
  const { head, body } = await ask(server, 'ollama', { format: { type: 'object' } })
  expect(head.headers.get('content-type')).toBe('application/x-ndjson')
  expect(lines(body).map(({ message }) => message.content)).toEqual(['{"a"', ':1}', ''])
  expect(lines(body).at(-1)).toMatchObject({ done: true, done_reason: 'stop', prompt_eval_count: 4, eval_count: 2 })
  expect(server.asked).toMatchObject([{ protocol: 'ollama', model, messages, schema: { type: 'object' } }])
})

test('an answer in the words of OpenAI', async () => {
  await using server = await startModelServer({ script: [{ does: 'answer', text: '{"a":1}', finish: 'length' }] })
  const schema = { type: 'object' }
  const { head, body } = await ask(server, 'openai', {
    stream_options: { include_usage: true },
    response_format: { type: 'json_schema', json_schema: { name: 'a', schema } }
  })
  expect(head.headers.get('content-type')).toBe('text/event-stream')
  expect(events(body).at(-1)).toBe('data: [DONE]')
  const chunks = events(body)
    .slice(0, -1)
    .map((event) => JSON.parse(event.slice('data: '.length)))
  expect(chunks.flatMap(({ choices }) => choices.map((choice: { delta: { content?: string } }) => choice.delta.content ?? ''))).toEqual([
    '{"a"',
    ':1}',
    ''
  ])
  expect(chunks.at(-2).choices[0].finish_reason).toBe('length')
  expect(chunks.at(-1).usage).toEqual({ prompt_tokens: 4, completion_tokens: 2 })
  expect(server.asked).toMatchObject([{ protocol: 'openai', schema }])
})

test('steps follow each other, the last one for ever; a function sees the request', async () => {
  const script: Script = [
    { does: 'fail', status: 429, retry_after: '7' },
    { does: 'answer', text: 'x' }
  ]
  await using server = await startModelServer({ script })
  const first = await ask(server, 'openai')
  expect([first.head.status, first.head.headers.get('retry-after')]).toEqual([429, '7'])
  for (let i = 0; i < 2; i++) expect((await ask(server, 'openai')).head.status).toBe(200)
  await using other = await startModelServer({ script: (asked, nth) => ({ does: 'answer', text: `${asked.messages[0]?.content} ${nth}` }) })
  expect(lines((await ask(other, 'ollama')).body)[0].message.content).toBe('What')
})

test('keys, models and fields are refused in the words of the protocol', async () => {
  await using server = await startModelServer({ script: [], key: 'k', refuses: (body) => (body.seed ? 'no seed here' : null) })
  expect((await ask(server, 'openai')).head.status).toBe(401)
  const post = async (path: string, body: object) => {
    const head = await fetch(server.ollama_url + path, {
      method: 'POST',
      headers: { authorization: 'Bearer k' },
      body: JSON.stringify(body)
    })
    return [head.status, await head.json()]
  }
  expect(await post('/api/chat', { model: 'gone' })).toEqual([404, { error: 'model "gone" not found, try pulling it first' }])
  expect(await post('/v1/chat/completions', { model, seed: 1 })).toMatchObject([400, { error: { message: 'no seed here' } }])
  expect(server.asked).toEqual([])
})

test('models are listed, described and pulled', async () => {
  await using server = await startModelServer({ script: [] })
  const get = async (path: string) => (await fetch(server.ollama_url + path)).json()
  expect(await get('/api/version')).toEqual({ version: '0.0.1-scripted' })
  const pulled = await fetch(`${server.ollama_url}/api/pull`, { method: 'POST', body: '{"name":"new:1b"}' })
  expect(lines(await pulled.text()).at(-1)).toEqual({ status: 'success' })
  expect(((await get('/api/tags')) as { models: { name: string }[] }).models.map(({ name }) => name)).toEqual([model, 'new:1b'])
  expect(((await get('/v1/models')) as { data: { id: string }[] }).data.map(({ id }) => id)).toEqual([model, 'new:1b'])
  const shown = await fetch(`${server.ollama_url}/api/show`, { method: 'POST', body: '{"model":"new:1b"}' })
  expect(await shown.json()).toEqual({ model_info: { 'llama.context_length': 2048 } })
})

const good = { n: 1, list: ['a'] }

test.each(['ollama', 'openai'] as const)('what hangs, ends when the client goes: %s', async (protocol) => {
  for (const name of ['stall_after_three_tokens', 'slow_first_token', 'hung_socket', 'endless_stream'] as const) {
    await using server = await startModelServer({ script: misbehaviours(good)[name] })
    const url = protocol === 'ollama' ? `${server.ollama_url}/api/chat` : `${server.openai_url}/chat/completions`
    const asked = fetch(url, { method: 'POST', body: JSON.stringify({ model, messages }), signal: AbortSignal.timeout(200) })
    await expect(asked.then((head) => head.text())).rejects.toThrow('aborted due to timeout')
    await expect.poll(() => server.connections()).toBe(0)
  }
})

test('what is broken is broken in both protocols', async () => {
  for (const protocol of ['ollama', 'openai'] as const) {
    const bodyOf = async (name: keyof ReturnType<typeof misbehaviours>) => {
      await using server = await startModelServer({ script: misbehaviours(good)[name] })
      return (await ask(server, protocol)).body
    }
    await expect(bodyOf('connection_reset')).rejects.toThrow()
    expect(await bodyOf('error_in_stream')).toContain('out of memory')
    expect(await bodyOf('cut_stream')).not.toMatch(/"done":true|\[DONE\]/)
    expect((await bodyOf('ten_megabytes')).length).toBeGreaterThan(10_000_000)
  }
})
