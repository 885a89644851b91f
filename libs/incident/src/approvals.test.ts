import { limits } from '@triage/contracts'
import { expect, test } from 'vitest'
import { awaited, planningNeed, schedule, triedActions } from './incident.ts'
import { act, look, running, signed } from './test-world.ts'

test('a task that waits for a human is not given up by its own deadline, and goes out again with the approval', () => {
  const world = running([act('a'), look('b', ['a'])]).ask('a')
  world.lost.add('action-agent')
  world.wait(60_000)
  expect(world.task('a').status).toBe('awaiting_approval')
  world.lost.clear()
  world.grant('a').run()
  expect(world.task('a')).toMatchObject({ status: 'dispatched', attempt: 2, approval: signed, asked: { answer: 'granted' } })
  world.ask('a').run() // the first command, delivered late
  expect(world.task('a').status).toBe('dispatched')
  world.finish('a').run()
  expect(world.task('b').status).toBe('dispatched')
})

test('while a human is waited for the time of the incident stands still', () => {
  const world = running([act('a')]).ask('a')
  expect(schedule(world.state, world.now).wakeAt).toBe(world.now + limits.approval_ms)
  world.wait(limits.approval_ms - 1)
  expect(world.state.end).toBeNull()
  world.grant('a').run()
  expect([world.state.end, world.state.waitedMs]).toEqual([null, limits.approval_ms - 1])
  world.finish('a').run().wait(limits.incident_ms)
  expect(world.state.end).toMatchObject({ reason: 'out_of_time' })
})

test('what a human does not allow is not tried in another way: the incident is handed over, with the reason', () => {
  const world = running([act('a'), look('b', ['a'])])
    .ask('a')
    .deny('a')
    .run()
  expect(world.state.end).toMatchObject({ kind: 'escalated', reason: 'approval_denied' })
  expect(world.state.end!.summary).toContain('approval denied: not now')
  expect(world.task('b').status).toBe('waiting')
})

test('an approval that nobody gives expires', () => {
  const world = running([act('a')])
    .ask('a')
    .wait(limits.approval_ms)
  expect(world.said).toContain('task-abandoned')
  expect(world.state.end).toMatchObject({ kind: 'escalated', reason: 'approval_expired' })
})

test('only the first answer counts, and only one to what was asked', () => {
  const world = running([act('a')]).ask('a')
  const { approval_id } = world.task('a').asked!.request
  const other = { approval_id: 'apr-ffffffffffffffff', plan_version: 1, task_id: 'a' }
  world.say({ type: 'incident.approval-granted.v1', key: 'other', payload: { ...other, signed } }, 'operator').run()
  expect(world.task('a').status).toBe('awaiting_approval')
  world.deny('a').grant('a').run()
  expect(world.task('a')).toMatchObject({ status: 'failed', asked: { answer: 'denied', request: { approval_id } } })
})

test('what is not needed any more lapses: the plan ends with nothing done, and the monitor judges the world', () => {
  const world = running([look('a'), act('b', ['a']), look('c', ['b'])])
    .finish('a')
    .run()
    .ask('b')
    .lapse('b')
    .run()
  expect(world.task('b')).toMatchObject({ status: 'failed', asked: { answer: 'lapsed' } })
  expect(world.task('c').status).toBe('waiting')
  expect(world.state).toMatchObject({ end: null, round: 0, plans: [{ finished: { outcome: 'failed' } }] })
  // It was no human who did not want it: another plan may ask again.
  expect(triedActions(world.state)).toEqual([{ type: 'service.start', target: 'orders', outcome: 'waiting' }])
  expect(world.deviate().run().said.at(-1)).toBe('replan-requested')
})

test('of a human and the monitor at the same moment the first on record is right', () => {
  const lapsed = running([act('a')])
    .ask('a')
    .lapse('a')
    .grant('a')
    .run()
  expect(lapsed.task('a')).toMatchObject({ status: 'failed', approval: null, asked: { answer: 'lapsed' } })
  const granted = running([act('a')])
    .ask('a')
    .grant('a')
    .lapse('a')
    .run()
  expect(granted.task('a')).toMatchObject({ status: 'dispatched', approval: signed, asked: { answer: 'granted' } })
})

test('an approval after the end counts for nothing', () => {
  const world = running([act('a')])
    .ask('a')
    .end()
    .grant('a')
    .run()
  expect(world.task('a')).toMatchObject({ status: 'awaiting_approval', asked: { answer: null } })
})

test('an incident waits for humans when it waits for nothing else', () => {
  const world = running([look('a'), act('b')]).ask('b')
  expect(awaited(world.state)).toEqual([])
  world.finish('a').run()
  expect(awaited(world.state)).toMatchObject([{ task_id: 'b' }])
  expect(awaited(world.lapse('b').state)).toEqual([])
  expect(
    awaited(
      running([act('a')])
        .ask('a')
        .end().state
    )
  ).toEqual([])
})

test('a human who wants another action gets a plan of their own, judged like any other, with their approval on it', () => {
  const world = running([look('a'), act('b', ['a'])])
    .finish('a')
    .run()
    .ask('b')
    .change('b')
    .run()
  expect(world.said.slice(-5)).toEqual(['approval-changed', 'plan-finished', 'replan-requested', 'plan-accepted', 'tasks-dispatched'])
  expect(world.state).toMatchObject({ round: 1, plans: [{ finished: { outcome: 'failed' } }, { origin: 'operator', round: 1 }] })
  expect(world.task('b')).toMatchObject({ status: 'dispatched', approval: signed })
  expect(planningNeed(world.state, world.now)).toEqual({ when: 'no' })
})

test('a human plan that does not hold is refused with its reasons, and the planner plans', () => {
  const world = running([act('a')])
    .ask('a')
    .change('a', { ...act('a'), target: 'billing' })
    .run()
  expect(world.state.rejected_plans).toMatchObject([{ origin: 'operator', errors: [{ code: 'E_PLAN_UNKNOWN_TARGET' }] }])
  expect(world.state.round).toBe(2)
  world.observe()
  expect(planningNeed(world.state, world.now)).toMatchObject({ when: 'now', plan_version: 2 })
})

test.each([
  ['E_POLICY_OBSERVE', 'observe_only'],
  ['E_POLICY_SAFE_MODE', 'safe_mode'],
  ['E_APPROVAL_EXPIRED', 'approval_expired']
])('%s ends the incident at once: no other plan gets round it', (code, reason) => {
  const world = running([act('a')])
    .fail('a', code)
    .run()
  expect(world.state.end).toMatchObject({ kind: 'escalated', reason })
  expect(world.state.end!.summary).toContain(code)
})

test('what the policies forbid is a failure like any other: another plan may be permitted', () => {
  const world = running([act('a')])
    .fail('a', 'E_POLICY_DENIED')
    .run()
  expect(world.state.end).toBeNull()
  expect(world.deviate().run().said.at(-1)).toBe('replan-requested')
})
