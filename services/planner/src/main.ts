import { runActor } from '@triage/actor'
import { loadRulebook } from '@triage/rulebook'
import { Planner } from './planner.ts'
import { namesModels, plannerSettings } from './settings.ts'

await runActor('planner', plannerSettings, async (actor, config) => {
  const rulebook = await loadRulebook(config.rulebook)
  const models = namesModels(process.env) ? await import('./models.ts') : null
  return new Planner(actor, rulebook, models && (await models.openConsultant(actor, rulebook, config))).start()
})
