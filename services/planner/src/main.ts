import { join } from 'node:path'
import { runActor } from '@triage/actor'
import { loadRulebook } from '@triage/rulebook'
import { Planner } from './planner.ts'

const settings = {
  rulebook: {
    env: 'TRIAGE_RULEBOOK',
    kind: 'path',
    description: 'folder of the rules',
    default: join(import.meta.dirname, '../../../rulebook')
  }
} as const

await runActor('planner', settings, async (actor, config) => new Planner(actor, await loadRulebook(config.rulebook)).start())
