// A language model in front of the rulebook, on the real mini-cloud: whatever it is worth, the incident ends recovered.
import type { PlanProposed } from '@triage/contracts'
import { type Script, startModelServer } from '@triage/model-server'
import { afterAll, expect, test } from 'vitest'
import { badPlanner, goodPlanner, hungPlanner } from '../support/scripted-planner.ts'
import { faultsOf, startBench } from '../support/swarm.ts'

const model = 'ollama/scripted:1b'
const budgetMs = 5_000

let script: Script = goodPlanner
const server = await startModelServer({
  script: (asked, nth) => (typeof script === 'function' ? script(asked, nth) : script[Math.min(nth, script.length - 1)]!)
})
// Before anything is started: the launcher hands it on.
Object.assign(process.env, {
  TRIAGE_MODEL_FAST: model,
  TRIAGE_MODEL_SEED: '1',
  TRIAGE_PLAN_BUDGET_MS: String(budgetMs),
  OLLAMA_HOST: server.ollama_url
})
const bench = await startBench()
afterAll(async () => {
  await bench[Symbol.asyncDispose]()
  await server[Symbol.asyncDispose]()
})

test('commands are told who plans', () => {
  expect(bench.session.swarm.models).toEqual([model])
})

const kinds = { good: goodPlanner, bad: badPlanner, hung: hungPlanner }

test.each((['good', 'bad', 'hung'] as const).flatMap((kind) => ['process-kill', 'db-conn-drift'].map((fault) => [kind, fault] as const)))(
  'with a %s model %s is repaired, and nothing else is touched',
  async (kind, fault) => {
    script = kinds[kind]
    const rehearsal = await bench.rehearse(fault)
    expect(faultsOf(rehearsal)).toBe('')
    const plans = rehearsal.facts.filter((fact) => fact.type === 'incident.plan-proposed.v1')
    const [{ source, attempts = [] }] = plans.map(({ payload }) => payload) as [PlanProposed]
    expect(source).toBe(kind === 'good' ? model : 'rulebook')
    const outcomes = { good: ['accepted'], bad: ['rejected', 'rejected'], hung: ['failed'] }
    expect(attempts.map(({ outcome }) => outcome)).toEqual(outcomes[kind])
    // What the planner has promised, and what this machine may take besides.
    expect(plans[0]!.at - rehearsal.state.openedAt).toBeLessThan(budgetMs + 3_000)
  }
)
