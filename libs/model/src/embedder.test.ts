import { mkdtempDisposable, readdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ModelServerOptions, startModelServer } from '@triage/model-server'
import { expect, test } from 'vitest'
import { openEmbedder } from './model.ts'
import { noWaiting, protocols } from './test-request.ts'

async function embedderOn(provider: string, options: Partial<ModelServerOptions> = {}, env: Record<string, string> = {}) {
  const server = await startModelServer({ script: [], ...options })
  const all = { OLLAMA_HOST: server.ollama_url, OPENAI_BASE_URL: server.openai_url, ...env }
  const embedder = openEmbedder(`${provider}/scripted:1b`, { env: all, patience: noWaiting() })
  return { server, embedder, env: all, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() }
}
const json = (bytes: string) => ({ does: 'send' as const, content_type: 'application/json', bytes })

test.each(protocols)('%s: a vector for each text, in their order, in requests of a bounded size', async (provider) => {
  await using world = await embedderOn(provider)
  const texts = Array.from({ length: 40 }, (_, i) => `text ${'abcdefghij'[i % 10]}`)
  const vectors = await world.embedder.embed(texts, 5_000)
  expect(vectors).toHaveLength(40)
  expect(vectors[3]).toEqual(vectors[13])
  expect(vectors[3]).not.toEqual(vectors[4])
  expect(world.server.embedded.map((each) => each.length)).toEqual([32, 8])
  expect(await world.embedder.embed([], 5_000)).toEqual([])
  await expect.poll(() => world.server.connections()).toBe(0)
})

test.each(
  protocols.flatMap((provider) =>
    (
      [
        ['E_MODEL_TIMEOUT', { does: 'hang' }],
        ['E_MODEL_TOO_LONG', { does: 'flood' }],
        ['E_MODEL_BUSY', { does: 'fail', status: 503 }],
        ['E_MODEL_REFUSED', { does: 'fail', status: 400, message: 'this model does not support embeddings' }],
        ['E_MODEL_ANSWER', json('It works!')],
        ['E_MODEL_ANSWER', json('null')],
        ['E_MODEL_ANSWER', json('{"embeddings":[],"data":[]}')],
        ['E_MODEL_ANSWER', json('{"embeddings":[["1"]],"data":[{"index":0,"embedding":["1"]}]}')]
      ] as const
    ).map(([code, embeds]) => [provider, code, embeds] as const)
  )
)('%s: %s', async (provider, code, embeds) => {
  await using world = await embedderOn(provider, { embeds })
  await expect(world.embedder.embed(['a'], code === 'E_MODEL_TIMEOUT' ? 300 : 30_000)).rejects.toMatchObject({ code })
  await expect.poll(() => world.server.connections()).toBe(0)
})

test('a model that fails three times in a row is left alone', async () => {
  await using world = await embedderOn('ollama', { embeds: { does: 'fail', status: 500 } })
  for (let i = 0; i < 3; i++) await expect(world.embedder.embed(['a'], 30_000)).rejects.toMatchObject({ code: 'E_MODEL_BUSY' })
  const asked = world.server.embedded.length
  await expect(world.embedder.embed(['a'], 30_000)).rejects.toMatchObject({ code: 'E_MODEL_OPEN' })
  expect(world.server.embedded).toHaveLength(asked)
})

test('what was recorded comes again, without a server; what was not is a miss', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'triage-embedder-'))
  await using world = await embedderOn('ollama', {}, { TRIAGE_MODEL_RECORD: folder.path, CI: '' })
  const vectors = await world.embedder.embed(['one', 'password=Hunter2x'], 5_000)
  expect(await readdir(folder.path)).toHaveLength(1)
  const replayed = openEmbedder(world.embedder.id, { env: { TRIAGE_MODEL_REPLAY: folder.path } })
  expect(await replayed.embed(['one', 'password=Other9y'], 1)).toEqual(vectors)
  expect(await replayed.embed(['one', 'password=Other9y'], 1)).toEqual(vectors)
  await expect(replayed.embed(['two'], 1)).rejects.toMatchObject({ code: 'E_REPLAY_MISS' })
})
