// A model that words an incident, on a server that does as its script says.

import { fold, initialState } from '@triage/incident'
import { openModel } from '@triage/model'
import { type Script, type Step, startModelServer } from '@triage/model-server'
import { expect, test } from 'vitest'
import { id, story } from './render/test-story.ts'
import { type Worded, wordIncident } from './wording.ts'

const state = story.reduce(fold, initialState(id))
const good = {
  what_happened: 'It was reported that checkout is down.',
  why: 'orders is exited after SIGKILL.',
  what_next: 'Find out why it happened.'
}
const say = (answer: object): Step => ({ does: 'answer', text: JSON.stringify(answer) })
const { signal } = new AbortController()

async function wordedBy(script: Script, given: AbortSignal = signal): Promise<{ result: Worded; asked: number; last: string }> {
  await using server = await startModelServer({ script })
  const result = await wordIncident(openModel('ollama/scripted:1b', { env: { OLLAMA_HOST: server.ollama_url } }), state, {
    seed: 7,
    signal: given,
    silenceMs: 500
  })
  await expect.poll(() => server.connections()).toBe(0)
  return { result, asked: server.asked.length, last: server.asked.at(-1)?.messages.at(-1)?.content ?? '' }
}

test('a model that stays with the facts is asked once, with a schema', async () => {
  const seen: (object | null)[] = []
  const { result, asked } = await wordedBy(({ schema }) => {
    seen.push(schema)
    return say(good)
  })
  expect(result).toMatchObject({ wording: good, usage: { output_tokens: expect.any(Number) } })
  expect(asked).toBe(1)
  expect(seen).toEqual([expect.objectContaining({ required: ['what_happened', 'why', 'what_next'] })])
})

test('one that invents a service is told so, and may mend it; one that insists is not believed', async () => {
  const invents = say({ ...good, why: 'The billing service is full.' })
  const mended = await wordedBy([invents, say(good)])
  expect(mended.result.wording).toEqual(good)
  expect(mended.last).toContain('it says billing, which the facts do not')
  const { result, asked } = await wordedBy([invents])
  expect(result).toEqual({
    wording: null,
    error: { code: 'E_ANSWER_DISAGREES', message: 'it says billing, which the facts do not' }
  })
  expect(asked).toBe(2)
})

test('a refusal is no wording, nor is what a server that fails says', async () => {
  const refusal = await wordedBy([{ does: 'answer', text: "I'm sorry, but I can't help with that." }])
  expect(refusal.result).toMatchObject({ wording: null, error: { code: 'E_ANSWER_DISAGREES' } })
  const failing = await wordedBy([{ does: 'fail', status: 401, message: 'that key is not valid' }])
  expect(failing.result).toMatchObject({ wording: null, error: { code: 'E_MODEL_REFUSED' } })
})

test('a model that hangs is given up: by its limits, or at once by who asks', async () => {
  const { promise, resolve } = Promise.withResolvers<void>()
  const hangs: Script = () => {
    resolve()
    return { does: 'hang' }
  }
  const interrupted = new AbortController()
  const waiting = wordedBy(hangs, interrupted.signal)
  await promise
  interrupted.abort(new Error('Ctrl-C'))
  await expect(waiting).rejects.toThrow('Ctrl-C')
  expect((await wordedBy(hangs)).result).toMatchObject({ wording: null, error: { code: 'E_MODEL_SILENT' } })
})
