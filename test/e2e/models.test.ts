// A language model in front of the rulebook, on the real mini-cloud: whatever it is worth, the incident ends recovered.
// `npm run planners` tries all planners on all faults.
import type { PlanProposed } from '@triage/contracts'
import { afterAll, expect, test } from 'vitest'
import type { PlannerName } from '../planners/planners.ts'
import { rowOf } from '../planners/row.ts'
import { model, openStage } from '../planners/stage.ts'
import { faultsOf } from '../support/swarm.ts'

const budgetMs = 5_000
const stage = await openStage({ runtime: 'process', asks: true, budgetMs, abort: new AbortController() })
afterAll(async () => stage[Symbol.asyncDispose]())

const outcomes = {
  good: ['accepted'],
  bad: ['rejected', 'rejected'],
  hung_socket: ['failed']
} satisfies Partial<Record<PlannerName, string[]>>
type Kind = keyof typeof outcomes

test('commands are told who plans', () => {
  expect(stage.session.swarm.models).toEqual([model])
})

test.each((Object.keys(outcomes) as Kind[]).flatMap((kind) => ['process-kill', 'db-conn-drift'].map((fault) => [kind, fault] as const)))(
  'with the planner %s %s is repaired, and nothing else is touched',
  async (planner, fault) => {
    const rehearsal = await stage.rehearse(planner, fault)
    expect(faultsOf(rehearsal)).toBe('')
    const plans = rehearsal.facts.filter((fact) => fact.type === 'incident.plan-proposed.v1')
    const [{ source, attempts = [] }] = plans.map(({ payload }) => payload) as [PlanProposed]
    expect(source).toBe(planner === 'good' ? model : 'rulebook')
    expect(attempts.map(({ outcome }) => outcome)).toEqual(outcomes[planner])
    const row = rowOf({ runtime: 'process', planner, fault, seed: 0 }, budgetMs, rehearsal, await stage.runs(rehearsal.state.id))
    expect(row).toMatchObject({ recovered: true, harm: [], sources: [planner === 'good' ? 'model' : 'rulebook'], asked: attempts.length })
    // What the planner has promised, and what this machine may take besides.
    expect(row.plan_ms).toBeLessThan(budgetMs + 3_000)
  }
)
