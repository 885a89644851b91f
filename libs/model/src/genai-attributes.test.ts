import { expect, test } from 'vitest'
import { genAiAttributes } from './genai-attributes.ts'
import type { Completion } from './port.ts'
import { good, request } from './test-request.ts'

const completion: Completion = {
  text: JSON.stringify(good),
  object: good,
  finish_reason: 'stop',
  usage: { input_tokens: 2000, output_tokens: 500 },
  timings: { first_token_ms: 12, total_ms: 345 },
  model: { provider: 'openai-compatible', name: 'qwen3', version: 'b1' },
  constraint: 'json_object'
}

test('a call in the words of OpenTelemetry, with its cost', () => {
  expect(genAiAttributes(request(), completion, { amount: 0.002, currency: 'USD' })).toEqual({
    'gen_ai.operation.name': 'chat',
    'gen_ai.provider.name': 'openai',
    'gen_ai.output.type': 'json',
    'gen_ai.request.model': 'qwen3',
    'gen_ai.request.temperature': 0,
    'gen_ai.request.seed': 7,
    'gen_ai.request.max_tokens': 100,
    'gen_ai.response.finish_reasons': ['stop'],
    'gen_ai.usage.input_tokens': 2000,
    'gen_ai.usage.output_tokens': 500,
    'triage.model.engine_version': 'b1',
    'triage.model.constraint': 'json_object',
    'triage.model.first_text_ms': 12,
    'triage.model.total_ms': 345,
    'triage.model.cost': 0.002,
    'triage.model.cost_currency': 'USD'
  })
})

test('what is not known is left out', () => {
  const unknown = { ...completion, usage: { input_tokens: null, output_tokens: 5 }, model: { ...completion.model, version: null } }
  const attributes = genAiAttributes(request({ seed: undefined, schema: undefined }), unknown, null)
  for (const name of ['gen_ai.usage.input_tokens', 'gen_ai.request.seed', 'triage.model.engine_version', 'triage.model.cost'])
    expect(attributes).not.toHaveProperty(name)
  expect(attributes).toMatchObject({ 'gen_ai.output.type': 'text', 'gen_ai.usage.output_tokens': 5 })
})
