import { type Fact, fold, initialState } from '@triage/incident'
import { expect, test } from 'vitest'
import { type Awaited, changedPlan } from './awaited.ts'
import { fact, id, payloads, story } from './render/test-story.ts'

/** The story up to the moment when `start` is about to go out, and then a question instead. */
const asking: Fact[] = [...story.slice(0, 6), fact('incident.approval-requested.v1', 2_000)]
const state = asking.reduce(fold, initialState(id))
const awaited: Awaited = { ...state.plans[0]!.tasks.start!.asked!, state }

test('a plan with another target keeps what is left to do, and what follows on the old target follows to the new one', () => {
  const plan = changedPlan(awaited, { target: 'catalog' })
  expect(plan.plan_version).toBe(2)
  expect(plan.plan_id).not.toBe(payloads['incident.plan-proposed.v1'].plan.plan_id)
  expect(plan.tasks.map(({ task_id, target, dependencies }) => [task_id, target, dependencies])).toEqual([
    ['check', 'catalog', ['start']],
    ['start', 'catalog', []]
  ])
})

test('a plan with other arguments has them on that task alone', () => {
  const plan = changedPlan(awaited, { args: { gently: true } })
  expect(plan.tasks.map(({ task_id, target, args }) => [task_id, target, args])).toEqual([
    ['check', 'orders', {}],
    ['start', 'orders', { gently: true }]
  ])
})
