import { join } from 'node:path'
import { questionSettings } from '@triage/actor'

const root = join(import.meta.dirname, '../../..')

export const plannerSettings = {
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

/** Whether there is a model to ask; only then the code for it is loaded, which takes some megabytes. */
export const namesModels = ({ TRIAGE_MODEL_FAST, TRIAGE_MODEL_SMART }: NodeJS.ProcessEnv): boolean =>
  Boolean(TRIAGE_MODEL_FAST || TRIAGE_MODEL_SMART)
