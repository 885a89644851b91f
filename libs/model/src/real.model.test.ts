// The port on real servers with a real model. It is a small one: what it says is of no account, only that it is said as asked.
import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type CompletionRequest, type Model, openModel, recordModel, replayModel, surveyModels } from './model.ts'
import { request, schema } from './test-request.ts'
import { type RealServer, startLlama, startOllama } from './test-servers.ts'

const contextTokens = 8192
const patient = { timeout_ms: 100_000, silence_ms: 60_000, max_bytes: 1e6, max_output_tokens: 100 }
const plain = (content: string, max_output_tokens: number): CompletionRequest =>
  request({ schema: undefined, messages: [{ role: 'user', content }], limits: { ...patient, max_output_tokens } })

describe.each([
  { name: 'llama-server', start: startLlama },
  { name: 'ollama', start: startOllama }
])('$name', ({ name, start }) => {
  let server: RealServer | null
  let model: Model

  beforeAll(async () => {
    server = await start(contextTokens)
    if (server) model = openModel(server.id, { env: server.env })
  })
  afterAll(() => server?.[Symbol.asyncDispose]())

  const real = (what: string, body: () => Promise<void>) =>
    test(what, (context) => {
      if (!server) context.skip(`there is no ${name} here, or TRIAGE_TEST_GGUF does not name a model`)
      return body()
    })

  real('is found, with its model', async () => {
    const [found] = (await surveyModels(server!.env)).filter(({ url }) => url.startsWith(server!.url))
    expect(found).toMatchObject({ error: null, models: [{ size_bytes: expect.any(Number), context_tokens: expect.any(Number) }] })
    expect(await model.contextTokens()).toBe(contextTokens)
  })

  real('fills a schema, the same again for the same seed, and again from a recording', async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'triage-cassette-'))
    const asked = request({ limits: patient })
    const first = await recordModel(model, folder.path, {}).complete(asked)
    expect(first).toMatchObject({ constraint: 'json_schema', finish_reason: 'stop', model: { version: expect.stringMatching(/\d/) } })
    const object = first.object as Record<string, unknown>
    expect(Object.keys(object).sort()).toEqual([...schema.required].sort())
    expect([typeof object.cause, typeof object.sure]).toEqual(['string', 'boolean'])
    expect((await model.complete(asked)).text).toBe(first.text)
    expect(await replayModel(model.id, folder.path).complete(asked)).toEqual(first)
  })

  real('counts tokens: as many as were allowed, and more for a longer prompt', async () => {
    const [short, long] = [await model.complete(plain('Count.', 8)), await model.complete(plain(`Count. ${'one two '.repeat(50)}`, 8))]
    for (const { finish_reason, usage } of [short, long]) expect([finish_reason, usage.output_tokens]).toEqual(['length', 8])
    // SmolLM2 has a token for each of these words.
    expect(long.usage.input_tokens! - short.usage.input_tokens!).toBeGreaterThanOrEqual(100)
    expect(long.usage.input_tokens! - short.usage.input_tokens!).toBeLessThanOrEqual(102)
  })

  real('refuses a prompt beyond the context rather than cut it', async () => {
    await expect(model.complete(plain('one two '.repeat(contextTokens), 8))).rejects.toMatchObject({ code: 'E_MODEL_REFUSED' })
  })

  real('stops working when the caller gives up', async () => {
    const tokens = 10
    const brief = async () => (await model.complete(plain('Count to a hundred.', tokens))).timings.total_ms
    const usual = await brief()
    // Servers answer one at a time: without its end, the next answer would wait for thousands of tokens.
    const many = 4000
    const endless = {
      schema: { type: 'array', items: { type: 'integer' }, minItems: many },
      limits: { ...patient, max_output_tokens: many }
    }
    const caller = new AbortController()
    setTimeout(() => caller.abort(new Error('never mind')), 2 * usual)
    await expect(model.complete(request({ ...endless, signal: caller.signal }))).rejects.toThrow('never mind')
    expect(await brief()).toBeLessThan((usual * many) / tokens / 5)
  })
})
