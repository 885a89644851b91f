import { mkdtempDisposable, readdir, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { recordModel, replayModel } from './cassette.ts'
import { good, request, scripted } from './test-request.ts'

const people = { CI: undefined }
const temporary = () => mkdtempDisposable(join(tmpdir(), 'triage-cassette-'))
const asking = (content: string) => request({ messages: [{ role: 'user', content }] })

test('what was recorded comes again: answers, repeats in their order, errors, the context', async () => {
  await using folder = await temporary()
  await using world = await scripted('ollama', {
    script: (asked, nth) =>
      asked.messages[0]?.content === 'fail' ? { does: 'fail', status: 400, message: 'no' } : { does: 'answer', text: `{"nth":${nth}}` }
  })
  const play = async (model: typeof world.model) => [
    await model.contextTokens(),
    await model.complete(asking('a')),
    await model.complete(asking('b')),
    await model.complete(asking('a')),
    await model.complete(asking('fail')).catch(({ code, message }) => [code, message]),
    await model.contextTokens()
  ]
  const recorded = await play(recordModel(world.model, folder.path, people))
  expect(recorded[3]).toMatchObject({ object: { nth: 2 } })
  expect(recorded[4]).toEqual(['E_MODEL_REFUSED', expect.stringContaining('answered 400: {"error":"no"}')])
  const replayed = replayModel(world.model.id, folder.path)
  expect(await play(replayed)).toEqual(recorded)
  expect((await readdir(folder.path)).every((name) => /^[0-9a-f]{64}\.\d\.json$/.test(name))).toBe(true)
  await expect(replayed.complete(asking('b'))).rejects.toMatchObject({
    code: 'E_REPLAY_MISS',
    message: expect.stringContaining('once more')
  })
})

test('the order of keys and the limits of time are no difference; what the answer depends on is, and is shown', async () => {
  await using folder = await temporary()
  await using world = await scripted('ollama', { script: [{ does: 'answer', text: JSON.stringify(good) }] })
  const recording = recordModel(world.model, folder.path, people)
  for (const content of ['one\ntwo\nthree', 'something else']) await recording.complete(asking(content))
  const replayed = replayModel(world.model.id, folder.path)
  const { type, ...rest } = request().schema as { type: string }
  await replayed.complete({ ...asking('one\ntwo\nthree'), schema: { ...rest, type }, limits: { ...request().limits, timeout_ms: 1 } })
  await expect(replayed.complete({ ...asking('one\nTWO\nthree'), seed: 8 })).rejects.toMatchObject({
    code: 'E_REPLAY_MISS',
    message: expect.stringMatching(
      /differs:\n- completion.messages.0.content: two\n- completion.seed: 7\n\+ completion.messages.0.content: TWO\n\+ completion.seed: 8$/
    )
  })
  await expect(replayModel(world.model.id, join(folder.path, 'none')).complete(asking('a'))).rejects.toThrow('nothing is recorded there')
})

test('no secret is written, and it is no difference either; a text that was cut within a character has a key', async () => {
  await using folder = await temporary()
  await using world = await scripted('ollama', { script: [{ does: 'answer', text: 'DB_PASSWORD=Hunter2x' }] })
  const completion = await recordModel(world.model, folder.path, people).complete(asking('password=Hunter2x 😀'.slice(0, -1)))
  const files = await Promise.all((await readdir(folder.path)).map((name) => readFile(join(folder.path, name), 'utf8')))
  expect(files.join()).not.toContain('Hunter2x')
  expect(await replayModel(world.model.id, folder.path).complete(asking('password=Other9y 😀'.slice(0, -1)))).toEqual(completion)
})

test('nothing is recorded under CI, nor when a caller gives up', async () => {
  await using folder = await temporary()
  await using world = await scripted('ollama', { script: [{ does: 'hang' }] })
  expect(() => recordModel(world.model, folder.path, { CI: 'true' })).toThrow(expect.objectContaining({ code: 'E_CONFIG' }))
  const given = recordModel(world.model, folder.path, { CI: 'false' }).complete(request({ signal: AbortSignal.timeout(50) }))
  await expect(given).rejects.toMatchObject({ name: 'TimeoutError' })
  expect(await readdir(folder.path)).toEqual([])
})
