// What the server says of its models, in both protocols' words.
export interface ListedModel {
  name: string
  size_bytes: number
  context_tokens: number
}

type Describe = (models: readonly ListedModel[]) => unknown

/** Answers to GET, by path. */
export const lists: Record<string, Describe> = {
  '/api/version': () => ({ version: '0.0.1-scripted' }),
  '/api/tags': (models) => ({ models: models.map(({ name, size_bytes }) => ({ name, model: name, size: size_bytes })) }),
  '/v1/models': (models) => ({
    object: 'list',
    data: models.map(({ name, size_bytes, context_tokens }) => ({
      id: name,
      object: 'model',
      meta: { n_ctx: context_tokens, size: size_bytes }
    }))
  })
}

/** Ollama's answer to /api/show. */
export const shown = ({ context_tokens }: ListedModel) => ({ model_info: { 'llama.context_length': context_tokens } })
