import type { ModelRun } from '@triage/contracts'
import { expect, test } from 'vitest'
import { modelRunLines } from './model-run.ts'

const run: ModelRun = {
  tier: 'fast',
  question: 1,
  config: { temperature: 0, seed: 7, max_output_tokens: 800, timeout_ms: 20_000, silence_ms: 10_000 },
  outcome: 'accepted',
  repairs: [],
  errors: [],
  answer: {
    provider: 'ollama',
    version: '0.17.4',
    finish_reason: 'stop',
    constraint: 'json_schema',
    input_tokens: 1200,
    output_tokens: 90,
    first_token_ms: 400,
    cost: { amount: 0.1 + 0.2, currency: 'EUR' }
  }
}

test('a run is told with how it was asked, by which engine it was answered, its tokens and its cost', () => {
  expect(modelRunLines(run)).toEqual([
    'question 1: accepted, by ollama 0.17.4, 1200 tokens in, 90 out, cost 0.3 EUR, ended by stop',
    'temperature 0, seed 7, at most 800 tokens in 20.0 s'
  ])
})

test('what is not known is not made up', () => {
  const { cost: _, ...answer } = { ...run.answer!, version: null, input_tokens: null }
  const text = modelRunLines({ ...run, config: { ...run.config, seed: null }, answer }).join('\n')
  expect(text).toContain('by ollama of an unknown version, ? tokens in, 90 out, ended by stop')
  for (const absent of ['cost', 'seed']) expect(text).not.toContain(absent)
})

test('a run without an answer says why', () => {
  const { answer: _, ...none } = run
  const errors = [{ code: 'E_MODEL_SILENT', message: 'it said nothing' }]
  const lines = modelRunLines({ ...none, outcome: 'failed', errors })
  expect(lines[0]).toBe('question 1: failed')
  expect(lines.at(-1)).toContain('E_MODEL_SILENT it said nothing')
})
