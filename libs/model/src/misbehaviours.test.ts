// Whatever a model or its server does wrong, in either protocol: a call ends within its limits, with the right code or what was said,
// in bounded memory, and leaves no connection open.
import { misbehaviours } from '@triage/model-server'
import { expect, test } from 'vitest'
import { good, protocols, request, scripted } from './test-request.ts'

const limits = { timeout_ms: 4000, silence_ms: 400, max_bytes: 64 * 1024 }
const json = JSON.stringify(good)

/** What comes of each: a code, or the answer. */
const outcomes: Record<keyof ReturnType<typeof misbehaviours>, string | object> = {
  truncated_json: { object: null, finish_reason: 'length' },
  prose_around_json: { object: null, text: expect.stringContaining(json) },
  wrong_types: { object: { cause: 7, sure: [] } },
  tool_call_as_text: { object: null, text: expect.stringContaining('<tool_call>') },
  refusal: { object: null, text: expect.stringContaining("I'm sorry") },
  nothing_said: { object: null, text: '', timings: { first_token_ms: null } },
  busy_for_ever: 'E_MODEL_BUSY',
  busy_for_an_hour: 'E_MODEL_BUSY',
  failing: 'E_MODEL_BUSY',
  missing_model: 'E_MODEL_MISSING',
  refused_key: 'E_MODEL_REFUSED',
  stall_after_three_tokens: 'E_MODEL_SILENT',
  slow_first_token: 'E_MODEL_SILENT',
  hung_socket: 'E_MODEL_SILENT',
  connection_reset: 'E_MODEL_UNREACHABLE',
  cut_stream: 'E_MODEL_ANSWER',
  error_in_stream: 'E_MODEL_ANSWER',
  endless_stream: 'E_MODEL_TOO_LONG',
  endless_line: 'E_MODEL_TOO_LONG',
  ten_megabytes: 'E_MODEL_TOO_LONG',
  ten_megabytes_at_once: 'E_MODEL_TOO_LONG',
  wrong_shape: 'E_MODEL_ANSWER',
  web_page: 'E_MODEL_ANSWER'
}

const cases = protocols.flatMap((provider) => Object.entries(outcomes).map(([name, outcome]) => ({ provider, name, outcome })))

test.each(cases)('$provider: $name', async ({ provider, name, outcome }) => {
  await using world = await scripted(provider, { script: misbehaviours(good)[name as keyof typeof outcomes] })
  await world.model.contextTokens()
  const ended = await world.model.complete(request({ limits })).catch((error) => error)
  expect(ended).toMatchObject(typeof outcome === 'string' ? { code: outcome } : outcome)
  await expect.poll(() => world.server.connections()).toBe(0)
})

test.each(protocols)('%s: what has no end is not read much further than it may be', async (provider) => {
  for (const does of ['babble', 'flood'] as const) {
    await using world = await scripted(provider, { script: [{ does }] })
    await expect(world.model.complete(request({ limits }))).rejects.toMatchObject({ code: 'E_MODEL_TOO_LONG' })
    await expect.poll(() => world.server.connections()).toBe(0)
    // A token of ten bytes travels in two hundred; the rest is what lay in the buffers of both kernels.
    expect(world.server.taken()).toBeLessThan(12e6)
  }
})

test.each(protocols)('%s: the time is kept though tokens come as fast as they can', async (provider) => {
  await using world = await scripted(provider, { script: [{ does: 'babble' }] })
  const started = performance.now()
  const endless = request({ limits: { timeout_ms: 1000, max_bytes: 100e6 } })
  await expect(world.model.complete(endless)).rejects.toMatchObject({ code: 'E_MODEL_TIMEOUT' })
  expect(performance.now() - started).toBeLessThan(3000)
})
