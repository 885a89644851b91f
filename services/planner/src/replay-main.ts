// Plans again what facts on standard input tell of. Answers on standard output: a line for each proposal, or one with an error.
import { json } from 'node:stream/consumers'
import { readConfig } from '@triage/config'
import { TriageError } from '@triage/contracts'
import type { Fact } from '@triage/incident'
import { loadRulebook } from '@triage/rulebook'
import { type Open, replay } from './replay.ts'
import { namesModels, plannerSettings } from './settings.ts'

const say = (line: object): void => console.log(JSON.stringify(line))

try {
  const config = readConfig(plannerSettings)
  const { facts, only } = (await json(process.stdin)) as { facts: Fact[]; only: string | null }
  const rulebook = await loadRulebook(config.rulebook)
  const models = namesModels(process.env) ? await import('./models.ts') : null
  const open: Open | null = models && ((desk) => models.openConsultant(desk, rulebook, config))
  for await (const replayed of replay(facts, { rulebook, open, only })) say(replayed)
} catch (error) {
  say({ error: TriageError.from(error).report })
  process.exitCode = 1
}
