// Retries and the circuit breaker.
import type { Step } from '@triage/model-server'
import { afterEach, expect, test, vi } from 'vitest'
import { good, protocols, request, scripted } from './test-request.ts'

const answer: Step = { does: 'answer', text: JSON.stringify(good) }
const busy: Step = { does: 'fail', status: 503, message: 'loading model' }

afterEach(() => void vi.useRealTimers())

test.each(protocols)('%s: a busy server is asked three times, each time later', async (provider) => {
  await using world = await scripted(provider, { script: [busy, busy, answer] })
  expect(await world.model.complete(request())).toMatchObject({ object: good })
  expect(world.patience.waits).toEqual([500, 1000])
  await using full = await scripted(provider, { script: [busy] })
  await expect(full.model.complete(request())).rejects.toMatchObject({
    code: 'E_MODEL_BUSY',
    message: expect.stringMatching(/503: .*loading model.*3 attempts/)
  })
  expect(full.server.asked.length).toBe(3)
})

test.each(protocols)('%s: Retry-After is heeded, as seconds or a date, when there is time for it', async (provider) => {
  const after = (retry_after: string): Step => ({ does: 'fail', status: 429, retry_after })
  await using world = await scripted(provider, { script: [after('2'), after(new Date(Date.now() + 3000).toUTCString()), answer] })
  await world.model.complete(request())
  const [first, second] = world.patience.waits as [number, number]
  expect(first).toBe(2000)
  expect(second).toBeGreaterThan(1000)
  expect(second).toBeLessThanOrEqual(3000)
  await using late = await scripted(provider, { script: [after('6'), answer] })
  await expect(late.model.complete(request())).rejects.toMatchObject({ code: 'E_MODEL_BUSY', message: expect.stringContaining('too late') })
  expect([late.server.asked.length, late.patience.waits]).toEqual([1, []])
})

test('what a second attempt would not change is not tried again', async () => {
  for (const step of [
    { does: 'fail', status: 401 },
    { does: 'reset', after_tokens: 1 },
    { does: 'end', after_tokens: 1 }
  ] as Step[]) {
    await using world = await scripted('openai-compatible', { script: [step, answer] })
    await expect(world.model.complete(request())).rejects.toThrow()
    expect(world.server.asked.length).toBe(1)
  }
})

/** Fails or answers as it is told. */
async function moody() {
  let well = false
  const world = await scripted('ollama', { script: () => (well ? answer : { does: 'reset', after_tokens: 0 }) })
  const codeOf = (): Promise<string> =>
    world.model.complete(request()).then(
      () => 'answered',
      ({ code }) => code
    )
  const become = (state: boolean) => {
    well = state
  }
  return { ...world, become, codeOf }
}

test('after three failures in a row a model is left alone for 30 s, then tried once', async () => {
  vi.useFakeTimers({ toFake: ['Date'] })
  await using world = await moody()
  const broken = ['E_MODEL_UNREACHABLE', 'E_MODEL_UNREACHABLE', 'E_MODEL_UNREACHABLE']
  for (const code of [...broken, 'E_MODEL_OPEN', 'E_MODEL_OPEN']) expect(await world.codeOf()).toBe(code)
  expect(world.server.asked.length).toBe(3)

  vi.advanceTimersByTime(30_000)
  for (const code of ['E_MODEL_UNREACHABLE', 'E_MODEL_OPEN']) expect(await world.codeOf()).toBe(code)

  world.become(true)
  vi.advanceTimersByTime(30_000)
  expect(await Promise.all([world.codeOf(), world.codeOf()])).toEqual(['answered', 'answered'])
  world.become(false)
  expect(await world.codeOf()).toBe('E_MODEL_UNREACHABLE')
})

test('refusals and callers that give up say nothing against a server', async () => {
  await using world = await scripted('openai-compatible', { script: [{ does: 'fail', status: 400 }] })
  for (let i = 0; i < 5; i++) await expect(world.model.complete(request())).rejects.toMatchObject({ code: 'E_MODEL_REFUSED' })
  await using hung = await scripted('openai-compatible', { script: [{ does: 'hang' }] })
  for (let i = 0; i < 5; i++)
    await expect(hung.model.complete(request({ signal: AbortSignal.timeout(20) }))).rejects.toMatchObject({ name: 'TimeoutError' })
})
