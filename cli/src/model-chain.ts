import { readConfig } from '@triage/config'
import { type ErrorReport, TriageError } from '@triage/contracts'

/** A model that a planner asks, or finds runbooks by. */
export interface Link {
  /** embed: finds runbooks. */
  role: 'fast' | 'smart' | 'embed'
  id: string
  context_tokens: number | null
  /** Why it cannot be asked; null when it can. */
  error: ErrorReport | null
}

/** Only who speaks to models loads their clients: the other commands shall not wait for them. */
const models = () => import('@triage/model')

async function look(role: Link['role'], id: string): Promise<Link> {
  const { openModel } = await models()
  try {
    return { role, id, context_tokens: await openModel(id).contextTokens(), error: null }
  } catch (error) {
    return { role, id, context_tokens: null, error: TriageError.from(error).report }
  }
}

/** Names of the models that a planner is told to ask, in their order. */
export const namedModels = ({ TRIAGE_MODEL_FAST, TRIAGE_MODEL_SMART }: NodeJS.ProcessEnv): string[] =>
  [TRIAGE_MODEL_FAST, TRIAGE_MODEL_SMART].filter((id): id is string => id !== undefined && id !== '')

/** The models that a planner would ask, in their order; the rulebook stands behind them. */
export async function modelChain(): Promise<Link[]> {
  const { modelSettings } = await models()
  const { model_fast: fast, model_smart: smart } = readConfig(modelSettings)
  return Promise.all([...(fast ? [look('fast', fast)] : []), ...(smart ? [look('smart', smart)] : [])])
}

/** The model by which runbooks are found besides their words; null without one. */
export async function embedLink(): Promise<Link | null> {
  const { modelSettings } = await models()
  const { model_embed: id } = readConfig(modelSettings)
  return id ? look('embed', id) : null
}
