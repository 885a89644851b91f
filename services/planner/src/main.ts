import { join } from 'node:path'
import { questionSettings, runActor } from '@triage/actor'
import { loadRulebook } from '@triage/rulebook'
import { Planner } from './planner.ts'

const root = join(import.meta.dirname, '../../..')

const settings = {
  ...questionSettings,
  rulebook: { env: 'TRIAGE_RULEBOOK', kind: 'path', description: 'folder of the rules', default: join(root, 'rulebook') },
  runbooks: {
    env: 'TRIAGE_RUNBOOKS',
    kind: 'path',
    description: 'folder of the runbooks that models are shown',
    default: join(root, 'runbooks')
  },
  budgetMs: {
    env: 'TRIAGE_PLAN_BUDGET_MS',
    kind: 'integer',
    description: 'how long models may take for a plan, from the beginning of a round, in milliseconds',
    default: 20_000
  }
} as const

await runActor('planner', settings, async (actor, config) => {
  const rulebook = await loadRulebook(config.rulebook)
  const { TRIAGE_MODEL_FAST, TRIAGE_MODEL_SMART } = process.env
  const models = TRIAGE_MODEL_FAST || TRIAGE_MODEL_SMART ? await import('./models.ts') : null
  return new Planner(actor, rulebook, models && (await models.openConsultant(actor, rulebook, config))).start()
})
