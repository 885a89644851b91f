import { surveyModels } from '@triage/model'
import { isSame } from './answering.ts'
import { type Client, kinds } from './kinds.ts'
import { aliasOf, type Kind, type Spec } from './spec.ts'

/**
 * A server that is there and has the model, at the places that the environment names; Ollama has a usual one.
 * Null when there is none; whether its model answers is not known yet.
 */
export async function adoptable(
  { model, kinds: wanted }: Pick<Spec, 'model' | 'kinds'>,
  env: NodeJS.ProcessEnv
): Promise<{ kind: Kind; client: Client } | null> {
  for (const { provider, url, models } of await surveyModels(env)) {
    const kind: Kind = provider === 'ollama' ? 'ollama' : 'llama'
    const found = models.find(({ id }) => isSame(id, `${provider}/${aliasOf(model)}`))
    if (!found || !wanted.includes(kind)) continue
    // OpenAI's clients name the place with its path.
    return { kind, client: { ...kinds[kind].client(model, url.replace(/\/v1$/, '')), id: found.id } }
  }
  return null
}
