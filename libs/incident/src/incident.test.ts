import { limits, type Plan } from '@triage/contracts'
import { expect, test } from 'vitest'
import { latestObservations, mayCollect, phases, planningNeed, triedActions } from './incident.ts'
import { act, look, observation, plan, running, start, World } from './test-world.ts'

test('tasks go out in the order of their dependencies, and the plan ends with the last', () => {
  const world = running([look('a'), look('b'), act('c', ['a', 'b']), look('d', ['c'])])
  expect([world.task('a').status, world.task('b').status, world.task('c').status]).toEqual(['dispatched', 'dispatched', 'waiting'])
  world.finish('a').run()
  expect(world.task('c').status).toBe('waiting')
  world.finish('b').run().finish('c').run()
  expect(world.task('d').status).toBe('dispatched')
  world.finish('d').run()
  expect(world.state.plans.at(-1)!.finished).toMatchObject({ outcome: 'completed' })
})

test('a failed attempt is tried twice more, later each time, then the plan fails and the rest is not done', () => {
  const world = running([look('a'), act('b', ['a'])])
  for (const wait of [limits.retry_backoff_ms, 2 * limits.retry_backoff_ms]) {
    world.finish('a', 'failed').run()
    expect(world.task('a').status).toBe('waiting')
    world.wait(wait - 1)
    expect(world.task('a').status).toBe('waiting')
    world.wait(1)
    expect(world.task('a').status).toBe('dispatched')
  }
  expect(world.task('a').attempt).toBe(3)
  world.finish('a', 'failed').run()
  expect(world.state.plans.at(-1)!.finished).toMatchObject({ outcome: 'failed' })
  expect(world.task('b').status).toBe('waiting')
})

test('what cannot go better next time is not tried again', () => {
  expect(
    running([look('a')])
      .finish('a', 'failed', false)
      .run().state.plans[0]!.finished
  ).toMatchObject({ outcome: 'failed' })
})

test('silence is given up at the deadline, or at once when the role is lost; a late answer still counts', () => {
  const world = running([look('a')])
  world.wait(15_000)
  expect(world.said.at(-1)).toBe('task-abandoned')
  world.finish('a').run()
  expect(world.state.plans[0]!.finished).toMatchObject({ outcome: 'completed' })
  const lost = running([look('a')])
  lost.lost.add('log-agent')
  lost.wait(1)
  expect(lost.facts.at(-1)).toMatchObject({ type: 'incident.task-abandoned.v1', payload: { reason: 'agent_lost' } })
})

test('three replans, then a human gets a readable summary', () => {
  const world = new World().open()
  for (let round = 0; round <= limits.replans; round++) {
    world
      .observe()
      .propose(plan([act('a')], round + 1, `try ${round}`))
      .run()
      .finish('a')
      .run()
      .deviate()
    world.now += limits.flapping_ms
    world.run()
  }
  expect(world.said.filter((name) => name === 'replan-requested')).toHaveLength(limits.replans)
  expect(world.state.end).toMatchObject({ kind: 'escalated', reason: 'replans_exhausted' })
  expect(world.state.end!.summary).toContain('service.start on orders: succeeded')
  expect(world.state.end!.summary).toContain('orders is down')
  expect(triedActions(world.state)).toHaveLength(4)
})

test('of two plans the higher version wins, then the smaller id; the other is told so', () => {
  const [one, two] = [plan([look('a')]), plan([look('b')])].toSorted((a, b) => (a.plan_id < b.plan_id ? -1 : 1)) as [Plan, Plan]
  const world = new World().open().observe().propose(two, 'planner').propose(one, 'planner-b').run()
  expect(world.state.plans[0]!.plan.plan_id).toBe(one.plan_id)
  expect(world.state.rejected_plans).toMatchObject([{ plan_id: two.plan_id, errors: [{ code: 'E_PLAN_SUPERSEDED' }] }])
  const higher = plan([look('c')], 2)
  expect(new World().open().observe().propose(one).propose(higher, 'planner-b').run().state.plans[0]!.plan.plan_id).toBe(higher.plan_id)
})

test('the same change from the same planner within five seconds is flapping', () => {
  const world = new World()
    .open()
    .observe()
    .propose(plan([act('a')]))
    .run()
    .finish('a')
    .run()
    .deviate()
    .run()
    .observe()
  const again = plan([act('renamed'), look('new', ['renamed'])], 2)
  world.propose(again).run().finish('renamed').run().finish('new').run().deviate().run().observe()
  world.propose(plan([act('x')], 3)).run()
  // Back to the first plan is another change than the two before.
  expect(world.state.plans).toHaveLength(3)
  const flapping = new World()
    .open()
    .observe()
    .propose(plan([look('a')], 1, 'bad'), 'planner')
  flapping.state = {
    ...flapping.state,
    rejected_plans: [{ plan_id: 'plan-1', signature: '', origin: 'planner', round: 0, at: start, errors: [] }]
  }
  expect(flapping.run().state.plans).toHaveLength(1)
  const first = new World()
    .open()
    .observe()
    .propose(plan([act('a')], 1, 'one'))
  first.run()
  expect(first.state.plans[0]!.signature).toMatch(/^[0-9a-f]{16}$/)
  const twice = new World().open().observe()
  twice.state = {
    ...twice.state,
    rejected_plans: [{ plan_id: 'plan-1', signature: first.state.plans[0]!.signature, origin: 'planner', round: 0, at: start, errors: [] }]
  }
  twice.propose(plan([act('a')], 1, 'two')).run()
  expect(twice.state.rejected_plans.at(-1)).toMatchObject({ errors: [{ code: 'E_PLAN_FLAPPING' }] })
})

test('a plan that does not hold is refused with its reasons, and another round starts', () => {
  const world = new World()
    .open()
    .observe()
    .propose(plan([{ ...act('a'), target: 'billing' }, look('b', ['b'])]))
    .run()
  expect(world.state.rejected_plans[0]!.errors.map((error) => error.code).sort()).toEqual(['E_PLAN_CYCLE', 'E_PLAN_UNKNOWN_TARGET'])
  expect(world.state.round).toBe(1)
})

test('an effect that may or may not have taken place goes to a human', () => {
  expect(
    running([act('a')])
      .finish('a', 'unknown')
      .run().state.end
  ).toMatchObject({ kind: 'escalated', reason: 'effect_unknown' })
})

test('an incident does not stay open for ever', () => {
  expect(new World().open().wait(limits.incident_ms).state.end).toMatchObject({ kind: 'escalated', reason: 'out_of_time' })
})

test('planning waits for the collectors, not for ever, and always for the monitor', () => {
  const world = new World().open()
  expect(planningNeed(world.state, world.now)).toEqual({ when: 'no' })
  world.observe(['monitor'])
  expect(mayCollect(world.state, 'monitor')).toBe(false)
  expect(mayCollect(world.state, 'log-agent')).toBe(true)
  expect(planningNeed(world.state, world.now)).toEqual({ when: 'later', at: start + limits.collect_ms })
  expect(planningNeed(world.state, start + limits.collect_ms)).toMatchObject({
    when: 'now',
    plan_version: 1,
    missing: ['log-agent', 'metric-agent']
  })
  world.observe(['log-agent', 'metric-agent'])
  expect(planningNeed(world.state, world.now)).toMatchObject({ when: 'now', missing: [] })
  expect(latestObservations(world.state)).toEqual([observation])
  world.propose(plan([look('a')]))
  expect(planningNeed(world.state, world.now)).toEqual({ when: 'no' })
})

test('phases add up to the total', () => {
  const world = new World().open()
  world.now += 100
  world.observe()
  world.now += 20
  world.propose(plan([act('a')])).run()
  world.now += 300
  world.finish('a').run()
  world.now += 3_000
  world.end()
  expect(phases(world.facts)).toEqual({ detect: 100, plan: 20, act: 300, verify: 3000, total: 3420 })
})
