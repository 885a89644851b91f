import { startModelServer } from '@triage/model-server'
import { expect, test } from 'vitest'
import { pullModel } from './pull.ts'
import { surveyModels } from './survey.ts'

const model = { size_bytes: 1_300_000_000, context_tokens: 8192 }

test('servers that answer, and what they have; those that do not, and why', async () => {
  await using server = await startModelServer({ script: [] })
  const both = await surveyModels({ OLLAMA_HOST: server.ollama_url, OPENAI_BASE_URL: server.openai_url })
  expect(both).toEqual([
    {
      provider: 'ollama',
      url: server.ollama_url,
      version: '0.0.1-scripted',
      models: [{ id: 'ollama/scripted:1b', ...model }],
      error: null
    },
    {
      provider: 'openai-compatible',
      url: server.openai_url,
      version: null,
      models: [{ id: 'openai-compatible/scripted:1b', ...model }],
      error: null
    }
  ])
  const [web] = await surveyModels({ OLLAMA_HOST: `${server.openai_url}/models` })
  expect(web).toMatchObject({ models: [], error: { code: 'E_MODEL_REFUSED' } })
  expect(await surveyModels({ OLLAMA_HOST: '127.0.0.1:9' })).toMatchObject([{ models: [], error: { code: 'E_MODEL_UNREACHABLE' } }])
})

test('a model is pulled, with its progress', async () => {
  await using server = await startModelServer({ script: [] })
  const env = { OLLAMA_HOST: server.ollama_url }
  const seen: string[] = []
  await pullModel('ollama/new:1b', ({ status, completed, total }) => seen.push(`${status} ${completed}/${total}`), env)
  expect(seen).toEqual(['pulling manifest 0/0', 'pulling layer 0/1000', 'pulling layer 500/1000', 'pulling layer 1000/1000', 'success 0/0'])
  expect((await surveyModels(env))[0]?.models.map(({ id }) => id)).toEqual(['ollama/scripted:1b', 'ollama/new:1b'])
  await expect(pullModel('ollama/no-such', () => {}, env)).rejects.toMatchObject({
    code: 'E_MODEL_MISSING',
    message: expect.stringContaining('file does not exist')
  })
  await expect(pullModel('openai/gpt', () => {}, env)).rejects.toMatchObject({ code: 'E_USAGE' })
})
