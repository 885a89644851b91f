import { expect, test } from 'vitest'
import { Dialect } from './dialect.ts'
import { good, request, scripted } from './test-request.ts'

const script = [{ does: 'answer', text: JSON.stringify(good) }] as const
type Body = Record<string, unknown> & { response_format?: { type: string } }

const withModel = (refuses: (body: Body) => string | null) => scripted('openai-compatible', { script, refuses })

test('a constraint degrades as far as the server needs, and that is remembered', async () => {
  for (const taken of ['json_schema', 'json_object', 'none'] as const) {
    const refused = (format?: string) => (format === undefined || format === taken ? null : `response_format.type must not be ${format}`)
    await using world = await withModel((body) => refused(body.response_format?.type))
    for (let i = 0; i < 2; i++) expect(await world.model.complete(request())).toMatchObject({ constraint: taken, object: good })
    expect(world.server.asked.map(({ body }) => (body as Body).response_format?.type ?? 'none')).toEqual([taken, taken])
  }
})

test('fields that a server does not take are said otherwise or left out', async () => {
  const never = ['max_tokens', 'stream_options', 'temperature', 'seed']
  await using world = await withModel((body) => {
    const field = never.find((name) => name in body)
    return field ? `Unsupported parameter: '${field}'` : null
  })
  expect(await world.model.complete(request())).toMatchObject({ object: good, usage: { input_tokens: null } })
  expect(world.server.asked[0]?.body).toMatchObject({ max_completion_tokens: 100, stream: true })
})

test('a refusal that names no field of ours is final', async () => {
  await using world = await withModel(() => 'the prompt is longer than the context')
  await expect(world.model.complete(request())).rejects.toMatchObject({
    code: 'E_MODEL_REFUSED',
    message: expect.stringContaining('longer than the context')
  })
})

test('what was not asked for cannot be conceded, and concessions end', () => {
  expect(new Dialect().conceding('json_schema', request({ schema: undefined }))).toBeNull()
  expect(new Dialect().conceding('seed', request({ seed: undefined }))).toBeNull()
  let dialect: Dialect | null = new Dialect()
  let concessions = 0
  while (dialect) {
    dialect = dialect.conceding('response_format max_tokens stream_options temperature seed', request())
    concessions++
  }
  expect(concessions).toBe(7)
})
