// What a planner needs that asks models. Loaded only where there are any: it takes some megabytes.
import { readConfig } from '@triage/config'
import { loadPrices, modelSettings, openTaped, seedOf } from '@triage/model'
import type { Rulebook } from '@triage/rulebook'
import { Library, loadRunbooks } from '@triage/runbooks'
import { Consultant } from './consultant.ts'
import type { Desk } from './desk.ts'
import { Shelf } from './runbooks.ts'

/** @throws E_CONFIG, E_RUNBOOK */
export async function openConsultant(
  desk: Desk,
  rulebook: Rulebook,
  { budgetMs, questionMs, runbooks }: { budgetMs: number; questionMs: number; runbooks: string }
): Promise<Consultant> {
  const config = readConfig(modelSettings)
  const { model_fast, model_smart, model_embed, model_prices } = config
  const links = [
    { tier: 'fast' as const, id: model_fast },
    { tier: 'smart' as const, id: model_smart }
  ]
    .filter(({ id }) => id !== '')
    .map(({ tier, id }) => ({ tier, model: openTaped(id) }))
  const shelf = new Shelf(new Library(await loadRunbooks(runbooks)), model_embed, desk.log)
  desk.log.info({ models: links.map(({ model }) => model.id), budget_ms: budgetMs }, 'models are asked first')
  return new Consultant(desk, {
    links,
    shelf,
    rulebook,
    budgetMs,
    mayAsk: questionMs > 0,
    prices: await loadPrices(model_prices),
    seed: seedOf(config)
  })
}
