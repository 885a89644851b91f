import { expect, test } from 'vitest'
import { openModel, parseModelId } from './open.ts'
import { serverOf } from './server.ts'

test('a model is provider/model; the name may hold slashes and colons', () => {
  expect(parseModelId('ollama/qwen3:4b')).toEqual({ provider: 'ollama', name: 'qwen3:4b' })
  expect(parseModelId('openai-compatible/ai/smollm2:360M')).toEqual({ provider: 'openai-compatible', name: 'ai/smollm2:360M' })
  for (const id of ['qwen3', 'ollama/', '/x', 'gemini/x', ''])
    expect(() => parseModelId(id)).toThrow(
      expect.objectContaining({ code: 'E_CONFIG', message: expect.stringContaining('provider/model') })
    )
})

test.each([
  [undefined, 'http://127.0.0.1:11434'],
  ['', 'http://127.0.0.1:11434'],
  ['0.0.0.0', 'http://127.0.0.1:11434'],
  ['0.0.0.0:8000', 'http://127.0.0.1:8000'],
  [':8000', 'http://127.0.0.1:8000'],
  ['box', 'http://box:11434'],
  ['box:80', 'http://box'],
  ['[::]:8000', 'http://[::1]:8000'],
  ['https://box/ollama/', 'https://box/ollama'],
  ['http://me:secret-word@box:1', 'http://box:1']
])('OLLAMA_HOST=%s', (host, url) => {
  const server = serverOf('ollama', { OLLAMA_HOST: host })
  expect(server.url).toBe(url)
  expect(server.where).not.toContain('secret')
})

test('credentials of a URL go into a header, a key before them', () => {
  const authorization = (env: Record<string, string>) => serverOf('ollama', env).headers.authorization
  expect(authorization({ OLLAMA_HOST: 'http://me:a%20b@box' })).toBe(`Basic ${btoa('me:a b')}`)
  expect(authorization({ OLLAMA_HOST: 'http://me:a%20b@box', OLLAMA_API_KEY: 'k' })).toBe('Bearer k')
})

test('OpenAI by default, with its key; a compatible server by its URL, by either name', () => {
  expect(serverOf('openai', { OPENAI_API_KEY: 'k' })).toMatchObject({
    url: 'https://api.openai.com/v1',
    headers: { authorization: 'Bearer k' }
  })
  expect(serverOf('openai-compatible', { OPENAI_API_BASE: 'http://box:1/v1/' }).url).toBe('http://box:1/v1')
  expect(() => serverOf('openai', {})).toThrow('OPENAI_API_KEY is not set')
  expect(() => serverOf('openai-compatible', { OPENAI_API_KEY: 'k' })).toThrow('OPENAI_BASE_URL is not set')
  expect(() => serverOf('openai-compatible', { OPENAI_BASE_URL: 'box' })).toThrow('OPENAI_BASE_URL is not a URL: box')
})

test('settings are checked when a model is opened', () => {
  expect(() => openModel('ollama/x', { env: { TRIAGE_MODEL_CONTEXT_TOKENS: 'many' } })).toThrow(
    'TRIAGE_MODEL_CONTEXT_TOKENS must be a whole number'
  )
})
