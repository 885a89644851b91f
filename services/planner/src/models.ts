// What a planner needs that asks models. Loaded only where there are any: it takes some megabytes.
import type { Actor } from '@triage/actor'
import { readConfig } from '@triage/config'
import { type Model, modelSettings, openModel, recordModel, replayModel } from '@triage/model'
import type { Rulebook } from '@triage/rulebook'
import { Library, loadRunbooks } from '@triage/runbooks'
import { Consultant } from './consultant.ts'

/** @throws E_CONFIG, E_RUNBOOK */
export async function openConsultant(
  actor: Actor,
  rulebook: Rulebook,
  { budgetMs, questionMs, runbooks }: { budgetMs: number; questionMs: number; runbooks: string }
): Promise<Consultant> {
  const { model_fast, model_smart, model_seed, model_record, model_replay } = readConfig(modelSettings)
  const open = (id: string): Model => {
    if (model_replay) return replayModel(id, model_replay)
    return model_record ? recordModel(openModel(id), model_record) : openModel(id)
  }
  const links = [
    { tier: 'fast' as const, id: model_fast },
    { tier: 'smart' as const, id: model_smart }
  ]
    .filter(({ id }) => id !== '')
    .map(({ tier, id }) => ({ tier, model: open(id) }))
  const library = new Library(await loadRunbooks(runbooks))
  actor.log.info({ models: links.map(({ model }) => model.id), budget_ms: budgetMs }, 'models are asked first')
  const seed = model_seed === 0 ? null : model_seed
  return new Consultant(actor, { links, library, rulebook, budgetMs, mayAsk: questionMs > 0, seed })
}
