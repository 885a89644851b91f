// For a process that asks models: `readConfig(modelSettings)`.

export const modelSettings = {
  model_fast: {
    env: 'TRIAGE_MODEL_FAST',
    kind: 'string',
    description: 'model that is asked first, as ollama/qwen3:4b; none when empty',
    default: ''
  },
  model_smart: {
    env: 'TRIAGE_MODEL_SMART',
    kind: 'string',
    description: 'model that is asked when the first one fails, as openai/gpt-5; none when empty',
    default: ''
  },
  model_embed: {
    env: 'TRIAGE_MODEL_EMBED',
    kind: 'string',
    description: 'embedding model by which runbooks are found too, as ollama/nomic-embed-text; none when empty',
    default: ''
  },
  model_context_tokens: {
    env: 'TRIAGE_MODEL_CONTEXT_TOKENS',
    kind: 'integer',
    description: 'tokens of prompt and answer: for Ollama at most, elsewhere where the server does not say',
    default: 8192
  },
  model_keep_alive: {
    env: 'TRIAGE_MODEL_KEEP_ALIVE',
    kind: 'string',
    description: 'how long Ollama keeps a model loaded after an answer, as 10m',
    default: '10m'
  },
  model_seed: {
    env: 'TRIAGE_MODEL_SEED',
    kind: 'integer',
    description: 'with one, answers are repeatable: it is sent, and the temperature is 0; none when 0',
    default: 0
  },
  model_prices: {
    env: 'TRIAGE_MODEL_PRICES',
    kind: 'path',
    description: 'file (absolute path) that says what models cost; none when empty: what a run cost is not known then',
    default: ''
  },
  model_record: {
    env: 'TRIAGE_MODEL_RECORD',
    kind: 'string',
    description: 'folder in which questions and answers are kept; none when empty',
    default: ''
  },
  model_replay: {
    env: 'TRIAGE_MODEL_REPLAY',
    kind: 'string',
    description: 'folder from which answers are taken, in place of the models; none when empty',
    default: ''
  }
} as const

/** Of the setting `model_seed`: null when there is none. */
export const seedOf = ({ model_seed }: { model_seed: number }): number | null => (model_seed === 0 ? null : model_seed)
