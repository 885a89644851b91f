import { expect, test } from 'vitest'
import { act, look, plan, World } from '../../incident/src/test-world.ts'
import { mayAskModels, replanFor, replanOf } from './replan.ts'

/** A world in which two plans on the same hypothesis were carried out and did not help. */
const world = (): World => {
  const once = new World()
    .open()
    .observe()
    .propose(plan([look('look'), act('start', ['look'])]))
    .run()
  return once.finish('look').run().fail('start', 'E_TASK_POSTCONDITION').run().deviate()
}
const { hypothesis } = plan([look('look')])

test('a repair is asked for while the hypothesis stands, once', () => {
  const { state } = world()
  expect(replanFor(state.plans, hypothesis)).toBe('repair')
  expect(replanFor(state.plans, { ...hypothesis, cause: 'process_hung' })).toBe('new')
  expect(replanFor(state.plans, { ...hypothesis, service: 'postgres' })).toBe('new')
  expect(replanFor([...state.plans, ...state.plans], hypothesis)).toBe('new')
})

test('what it turned out to be is told by what was planned', () => {
  const run = world().state.plans.at(-1)!
  expect(replanOf(run, plan([act('start')], 2))).toBe('repair')
  expect(replanOf(run, plan([act('start'), { ...act('b'), target: 'a' }, { ...act('c'), target: 'b' }], 2))).toBe('repair')
  const many = ['a', 'b', 'c'].map((target) => ({ ...act(target), target }))
  expect(replanOf(run, plan(many, 2))).toBe('new')
  const other = plan([act('start')], 2)
  expect(replanOf(run, { ...other, hypothesis: { ...other.hypothesis, cause: 'process_hung' } })).toBe('new')
})

test('after two plans of models that did not help the rulebook plans', () => {
  const run = world().state.plans.at(-1)!
  const byModel = { ...run, source: 'ollama/small' }
  expect([[], [run, run, run], [byModel], [run, byModel]].map(mayAskModels)).toEqual([true, true, true, true])
  expect(mayAskModels([byModel, byModel])).toBe(false)
})
