import { mkdtempDisposable, readdir, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { checkTape, openTaped, tapeOf } from './model.ts'
import { good, request, scripted } from './test-request.ts'

const temporary = () => mkdtempDisposable(join(tmpdir(), 'triage-tape-'))

test('a model is asked, recorded or replayed, as the environment says', async () => {
  await using folder = await temporary()
  await using world = await scripted('ollama', { script: [{ does: 'answer', text: JSON.stringify(good) }] })
  const { id } = world.model
  const plain = { ...world.env, CI: '' }
  const asked = async (env: Record<string, string>) => (await openTaped(id, { env }).complete(request())).object
  expect(await asked(plain)).toEqual(good)
  expect(await readdir(folder.path)).toEqual([])
  expect(await asked({ ...plain, TRIAGE_MODEL_RECORD: folder.path })).toEqual(good)
  expect(await asked({ TRIAGE_MODEL_REPLAY: folder.path })).toEqual(good)
  expect(world.server.asked).toHaveLength(2)
})

test('folders that cannot be used, and two of them, are refused', async () => {
  await using folder = await temporary()
  const file = join(folder.path, 'file')
  await writeFile(file, '')
  const env = { TRIAGE_MODEL_RECORD: folder.path, TRIAGE_MODEL_REPLAY: folder.path }
  expect(() => tapeOf(env)).toThrow(expect.objectContaining({ code: 'E_CONFIG' }))
  await checkTape(tapeOf({}))
  await checkTape({ record: join(folder.path, 'new/one'), replay: '' })
  expect(await readdir(join(folder.path, 'new'))).toEqual(['one'])
  for (const record of [join(file, 'below'), file])
    await expect(checkTape({ record, replay: '' })).rejects.toMatchObject({ code: 'E_CASSETTE' })
  for (const replay of [folder.path, file, join(folder.path, 'gone')])
    await expect(checkTape({ record: '', replay })).rejects.toMatchObject({ code: 'E_CASSETTE', message: expect.stringContaining(replay) })
})
