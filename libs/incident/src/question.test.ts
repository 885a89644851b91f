import { limits } from '@triage/contracts'
import { expect, test } from 'vitest'
import { mayCollect, openQuestion, phases, planningNeed, schedule } from './incident.ts'
import { act, plan, question, start, World } from './test-world.ts'

const asking = (): World => new World().open().observe().propose(question()).run()
const iso = (ms: number): string => new Date(ms).toISOString()

test('a plan that asks is committed, a human is asked until a time, and nothing else is done', () => {
  const world = asking()
  expect(world.said.slice(-4)).toEqual(['plan-proposed', 'plan-accepted', 'question-asked', 'plan-finished'])
  const expires_at = iso(start + limits.question_ms)
  expect(world.facts.at(-2)).toMatchObject({ payload: { plan_version: 1, question: 'Was it stopped on purpose?', expires_at } })
  expect(openQuestion(world.state)).toMatchObject({ answer: null, at: start, expiresAt: start + limits.question_ms })
  expect(schedule(world.state, start)).toEqual({ say: [], wakeAt: start + limits.question_ms })
  expect([planningNeed(world.state, start), mayCollect(world.state, 'monitor')]).toEqual([{ when: 'no' }, false])
})

test('how long a human has is set, and never longer than for an approval', () => {
  const { state } = new World().open().observe().propose(question())
  const accepted = new World()
    .say({ type: 'incident.opened.v1', key: '1', payload: { report: state.report! } })
    .observe()
    .propose(question())
  accepted.say({ type: 'incident.plan-accepted.v1', key: '1', payload: { plan_id: question().plan_id, plan_version: 1 } })
  const until = (ms: number): unknown => schedule(accepted.state, start, new Set(), ms).say[0]!.payload
  expect(until(5_000)).toMatchObject({ expires_at: iso(start + 5_000) })
  expect(until(Number.MAX_SAFE_INTEGER)).toMatchObject({ expires_at: iso(start + limits.approval_ms) })
})

test('with the answer the next round starts at once, and the time until then does not count', () => {
  const world = asking().wait(40_000).answer('yes').run()
  expect(world.said.at(-1)).toBe('replan-requested')
  expect(world.state).toMatchObject({ round: 1, waitedMs: 40_000, question: { answer: 'yes', closed: true } })
  expect(openQuestion(world.state)).toBeNull()
  expect(mayCollect(world.state, 'monitor')).toBe(true)
  world.observe()
  expect(planningNeed(world.state, world.now)).toMatchObject({ when: 'now', plan_version: 2 })
  expect(phases(world.facts)).toMatchObject({ plan: 40_000, total: 40_000 })
  world.answer('no').run()
  expect(world.state.question).toMatchObject({ answer: 'yes' })
})

test('without an answer in time the next round starts all the same, and an answer that comes then is too late', () => {
  const world = asking().wait(limits.question_ms - 1)
  expect(world.state.round).toBe(0)
  world.wait(1)
  expect(world.facts.at(-1)).toMatchObject({ payload: { round: 1, reason: 'unanswered' } })
  world.answer('yes').run()
  expect(world.state).toMatchObject({ round: 1, waitedMs: limits.question_ms, question: { answer: null, closed: true } })
})

test('an answer to something else is none', () => {
  const world = asking().answer('yes', 7).run()
  expect(openQuestion(world.state)).not.toBeNull()
  expect(new World().open().answer('yes', 1).state.question).toBeNull()
})

test('an incident asks once: a second question is refused with its code', () => {
  const world = asking().answer('yes').run().observe().propose(question(2)).run()
  expect(world.state.rejected_plans).toMatchObject([{ errors: [{ code: 'E_PLAN_ASKED' }] }])
  expect([world.said.at(-1), world.state.round]).toEqual(['replan-requested', 2])
})

test('the round that a question led to is no further try', () => {
  const world = asking().answer('yes').run()
  for (let tries = 0; tries <= limits.replans; tries++) {
    expect(world.state.end).toBeNull()
    world
      .observe()
      .propose(plan([act('a')], tries + 2, `try ${tries}`))
      .run()
      .fail('a', 'E_TASK_POSTCONDITION')
      .run()
      .deviate()
      .run()
    world.now += limits.flapping_ms
  }
  expect(world.state.end).toMatchObject({ kind: 'escalated', reason: 'replans_exhausted' })
  expect(world.state.end!.summary).toContain('Asked: Was it stopped on purpose? Answered: yes')
})

test('an incident that ends by itself while a human is asked waits for nobody', () => {
  const recovered = { how: 'by_itself' as const, window_ms: 3000, checks: 6, summary: '' }
  const world = asking().say({ type: 'incident.recovered.v1', key: 'end', payload: recovered }, 'monitor')
  expect([openQuestion(world.state), schedule(world.state, world.now)]).toEqual([null, { say: [], wakeAt: null }])
})
