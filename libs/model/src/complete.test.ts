import { expect, test } from 'vitest'
import { openModel } from './open.ts'
import { good, protocols, request, schema, scripted } from './test-request.ts'

const script = [{ does: 'answer', text: JSON.stringify(good) }] as const
const [{ text }] = script

test.each(protocols)('%s: a good answer, with all that is known of it', async (provider) => {
  await using world = await scripted(provider, { script })
  const asked = request()
  const characters = asked.messages.reduce((sum, { content }) => sum + content.length, 0)
  expect(await world.model.complete(asked)).toEqual({
    text,
    object: good,
    finish_reason: 'stop',
    usage: { input_tokens: Math.ceil(characters / 4), output_tokens: Math.ceil(text.length / 4) },
    timings: { first_token_ms: expect.any(Number), total_ms: expect.any(Number) },
    model: { provider, name: 'scripted:1b', version: provider === 'ollama' ? '0.0.1-scripted' : 'scripted-1' },
    constraint: 'json_schema'
  })
  expect(world.server.asked).toMatchObject([{ messages: asked.messages, schema, model: 'scripted:1b' }])
})

test.each(protocols)('%s: without a schema there is no constraint', async (provider) => {
  await using world = await scripted(provider, { script: [{ does: 'answer', text: 'It is the disk.' }] })
  expect(await world.model.complete(request({ schema: undefined }))).toMatchObject({
    constraint: 'none',
    object: null,
    text: 'It is the disk.'
  })
  expect(world.server.asked[0]?.schema).toBeNull()
})

test('Ollama is always told the context, of which it would cut the prompt without a word', async () => {
  const models = [{ name: 'small:1b', size_bytes: 1, context_tokens: 2048 }]
  await using world = await scripted('ollama', { script, models }, { TRIAGE_MODEL_CONTEXT_TOKENS: '4096' })
  expect(await world.model.contextTokens()).toBe(2048)
  await world.model.complete(request())
  expect(world.server.asked[0]?.body).toMatchObject({
    truncate: false,
    think: false,
    keep_alive: '10m',
    options: { num_ctx: 2048, num_predict: 100, temperature: 0, seed: 7 }
  })
})

test('a server of one model takes any name for it; else the context is told by the name', async () => {
  const models = [
    { name: 'a', size_bytes: 1, context_tokens: 111 },
    { name: 'b', size_bytes: 1, context_tokens: 222 }
  ]
  await using world = await scripted('openai-compatible', { script, models })
  const named = (name: string) => openModel(`openai-compatible/${name}`, { env: world.env }).contextTokens()
  expect(await named('b')).toBe(222)
  await expect(named('c')).rejects.toMatchObject({ code: 'E_MODEL_MISSING', message: expect.stringContaining('but a, b') })
  await using one = await scripted('openai-compatible', { script })
  expect(await openModel('openai-compatible/any', { env: one.env }).contextTokens()).toBe(8192)
})

test('a model that was not pulled says the command', async () => {
  await using world = await scripted('ollama', { script })
  const model = openModel('ollama/qwen3:4b', { env: world.env })
  for (const ask of [() => model.complete(request()), () => model.contextTokens()])
    await expect(ask()).rejects.toMatchObject({ code: 'E_MODEL_MISSING', message: expect.stringContaining('`ollama pull qwen3:4b`') })
})

test.each(protocols)('%s: nobody listens', async (provider) => {
  const world = await scripted(provider, { script })
  await world[Symbol.asyncDispose]()
  for (const ask of [() => world.model.complete(request()), () => world.model.contextTokens()])
    await expect(ask()).rejects.toMatchObject({ code: 'E_MODEL_UNREACHABLE', message: expect.stringMatching(/at 127.*ECONNREFUSED/) })
})

test.each(protocols)('%s: a caller gives up, and the server is hung up on', async (provider) => {
  await using world = await scripted(provider, { script: [{ does: 'stall', after_tokens: 3 }] })
  const caller = new AbortController()
  const ended = expect(world.model.complete(request({ signal: caller.signal }))).rejects.toThrow('never mind')
  await expect.poll(() => world.server.asked.length).toBe(1)
  caller.abort(new Error('never mind'))
  await ended
  await expect.poll(() => world.server.connections()).toBe(0)
  await expect(world.model.complete(request({ signal: caller.signal }))).rejects.toThrow('never mind')
  expect(world.server.asked.length).toBe(1)
})

test.each(protocols)('%s: the key goes to the server and into no error', async (provider) => {
  const key = 'not-shaped-like-any-key'
  const env = { OPENAI_API_KEY: key, OLLAMA_API_KEY: key }
  await using world = await scripted(provider, { script, key }, env)
  await world.model.complete(request())
  await using other = await scripted(provider, { script, key: 'another' }, env)
  const error = await other.model.complete(request()).catch((thrown) => thrown)
  expect(error).toMatchObject({ code: 'E_MODEL_REFUSED', message: expect.stringContaining('Incorrect API key provided: Bearer ***') })
  expect(JSON.stringify([error.stack, { ...error }])).not.toContain(key)
})
