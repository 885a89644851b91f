// The one place that knows OpenTelemetry's names for what models do (semantic conventions for generative AI, still in development).
// https://opentelemetry.io/docs/specs/semconv/gen-ai/gen-ai-spans/
import type { Cost } from '@triage/contracts'
import type { Completion, CompletionRequest } from './port.ts'

export type Attributes = Record<string, string | number | string[]>

/** The providers' names there; what is not listed goes by its own. */
const providerNames: Record<string, string> = { 'openai-compatible': 'openai' }

/** What is known of one call; what is not is left out. */
export function genAiAttributes(request: CompletionRequest, completion: Completion, cost: Cost | null): Attributes {
  const { model, usage, timings, finish_reason, constraint } = completion
  const known = {
    'gen_ai.operation.name': 'chat',
    'gen_ai.provider.name': providerNames[model.provider] ?? model.provider,
    'gen_ai.output.type': request.schema ? 'json' : 'text',
    'gen_ai.request.model': model.name,
    'gen_ai.request.temperature': request.temperature,
    'gen_ai.request.seed': request.seed,
    'gen_ai.request.max_tokens': request.limits.max_output_tokens,
    'gen_ai.response.finish_reasons': [finish_reason],
    'gen_ai.usage.input_tokens': usage.input_tokens,
    'gen_ai.usage.output_tokens': usage.output_tokens,
    // The conventions have no words for these. (A log would hide what is named a token and is not a number of them.)
    'triage.model.engine_version': model.version,
    'triage.model.constraint': constraint,
    'triage.model.first_text_ms': timings.first_token_ms,
    'triage.model.total_ms': timings.total_ms,
    'triage.model.cost': cost?.amount,
    'triage.model.cost_currency': cost?.currency
  }
  return Object.fromEntries(Object.entries(known).filter(([, value]) => value !== null && value !== undefined)) as Attributes
}
