import type { Inventory, Plan, Task } from '@triage/contracts'
import { act, look } from '@triage/contracts/testing'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { depths, diffPlans, diffSignature, findCycle, planId, topologicalOrder, validatePlan } from './plan.ts'

const inventory: Inventory = {
  runtime: 'process',
  taken_at: '2026-01-01T00:00:00.000Z',
  services: (['orders', 'catalog'] as const).map((name) => ({
    name,
    kind: 'service',
    managed: true,
    depends_on: [],
    probes: [],
    desired_replicas: 1,
    status: 'running',
    actions: ['logs.query', 'service.restart', 'config.restore']
  }))
}
const task = (task_id: string, dependencies: string[] = [], changes: Partial<Task> = {}): Task =>
  look(task_id, { dependencies, ...changes })
const restart = (task_id: string, dependencies: string[] = [], target = 'orders'): Task =>
  act(task_id, { dependencies, type: 'service.restart', target })
const plan = (...tasks: Task[]): Plan => ({
  plan_id: 'plan-0000000000000000',
  incident_id: 'inc-20260101-1',
  plan_version: 1,
  created_at: '2026-01-01T00:00:00.000Z',
  root_goal: 'mend it',
  hypothesis: { cause: 'unknown', confidence: 0.5, evidence: [], statement: 'something' },
  tasks
})
const codes = (candidate: unknown): string[] => validatePlan(candidate, inventory).map((error) => error.code)

/** Random graphs: any node may depend on any other. */
const graphs = fc
  .array(fc.array(fc.nat(7), { maxLength: 3 }), { minLength: 1, maxLength: 8 })
  .map((edges) =>
    edges.map((to, i) => ({ task_id: `t${i}`, dependencies: [...new Set(to.filter((n) => n < edges.length))].map((n) => `t${n}`) }))
  )

test('law: either every node is in the order, behind what it depends on, or there is a real cycle', () => {
  fc.assert(
    fc.property(graphs, (nodes) => {
      const order = topologicalOrder(nodes)
      const cycle = findCycle(nodes)
      expect(cycle === null).toBe(order.length === nodes.length)
      for (const node of nodes.filter((n) => order.includes(n.task_id))) {
        for (const dependency of node.dependencies) expect(order.indexOf(dependency)).toBeLessThan(order.indexOf(node.task_id))
      }
      for (const [i, name] of (cycle ?? []).slice(0, -1).entries())
        expect(nodes.find((n) => n.task_id === name)!.dependencies).toContain(cycle![i + 1])
      if (cycle) expect(cycle[0]).toBe(cycle.at(-1))
    })
  )
})

test('law: the order does not depend on how the tasks are listed', () => {
  fc.assert(
    fc.property(graphs, (nodes) => {
      expect(topologicalOrder(nodes.toReversed())).toEqual(topologicalOrder(nodes))
    })
  )
})

test('depth', () => {
  const nodes = [task('a'), task('b', ['a']), task('c', ['a']), task('d', ['b', 'c'])]
  expect(Object.fromEntries(depths(nodes))).toEqual({ a: 0, b: 1, c: 1, d: 2 })
})

test('a valid plan has no errors', () => {
  expect(codes(plan(task('look'), restart('act', ['look'])))).toEqual([])
})

test('each fault has its code and a message that names it', () => {
  expect(codes(plan(...Array.from({ length: 9 }, (_, i) => task(`t${i}`))))).toEqual(['E_PLAN_TOO_MANY_TASKS'])
  expect(codes(plan(task('a'), task('a')))).toEqual(['E_PLAN_DUPLICATE_TASK'])
  expect(codes(plan(task('a', ['ghost'])))).toEqual(['E_PLAN_DANGLING'])
  expect(codes(plan(task('a', ['a'])))).toEqual(['E_PLAN_CYCLE'])
  expect(codes(plan(task('a', [], { type: 'shell.run' })))).toEqual(['E_PLAN_UNKNOWN_TYPE'])
  expect(codes(plan(task('a', [], { target: 'billing' })))).toEqual(['E_PLAN_UNKNOWN_TARGET'])
  expect(codes(plan(task('a', [], { args: { lookback_s: -1 } })))).toEqual(['E_PLAN_ARGS'])
  expect(codes(plan(task('a', [], { assigned_to: 'action-agent' })))).toEqual(['E_PLAN_AGENT'])
  expect(codes(plan(task('a', [], { type: 'metrics.query', assigned_to: 'metric-agent' })))).toEqual(['E_PLAN_TARGET_KIND'])
  expect(codes(plan({ ...restart('a'), expect: undefined } as never))).toEqual(['E_PLAN_NO_EXPECT'])
  expect(codes(plan(restart('a'), restart('b')))).toEqual(['E_PLAN_UNORDERED'])
  expect(codes(plan(restart('a'), restart('b', [], 'catalog')))).toEqual([])
  for (const bad of [null, 1, {}, { tasks: 1 }, { ...plan(task('a')), extra: 1 }]) expect(codes(bad)).toEqual(['E_PLAN_SCHEMA'])
  const errors = validatePlan(plan(task('a', ['c']), task('b', ['a']), task('c', ['b'])), inventory)
  expect(errors[0]!.message).toBe('a → c → b → a (each depends on the next)')
})

test('law: validation never throws', () => {
  fc.assert(fc.property(fc.jsonValue(), (value) => void validatePlan(value, inventory)))
  fc.assert(fc.property(fc.jsonValue(), (value) => void validatePlan({ ...plan(task('a')), tasks: value }, inventory)))
})

test('a difference counts what a task does, not what it is called', () => {
  const before = plan(task('a'), restart('b', ['a']))
  const after = plan(task('other-name'), restart('b', [], 'catalog'))
  const { added, removed, kept } = diffPlans(before, after)
  expect([added.map((t) => t.target), removed.map((t) => t.target), kept.map((t) => t.task_id)]).toEqual([
    ['catalog'],
    ['orders'],
    ['other-name']
  ])
  expect(diffSignature(before, after)).not.toBe(diffSignature(null, after))
  expect(diffSignature(before, after)).toBe(diffSignature(before, plan(restart('x', [], 'catalog'), task('y'))))
})

test('the id of a plan is a function of what it says, not of when', () => {
  const one = plan(task('a'))
  expect(planId({ ...one, created_at: '2027-01-01T00:00:00.000Z' } as never)).toBe(planId(one))
  expect(planId({ ...one, plan_version: 2 })).not.toBe(planId(one))
})
