import { expect, test } from 'vitest'
import { act, look, plan, question, World } from '../../incident/src/test-world.ts'
import { explainIncident } from './explain.ts'

const acting = (): World =>
  new World()
    .open()
    .observe()
    .propose(plan([look('look'), act('start', ['look'])]))
    .run()

test('an open incident: what happened, why, and what is under way', () => {
  expect(explainIncident(new World().open().state)).toBe(`Incident inc-20260101-1, still open

What happened
  2026-01-01 12:00:00 UTC: it was reported: "orders is down"

Why
  Nobody has an explanation yet.

What was done
  Nothing.

What to do next
  Wait: the collectors have not said yet what they see.`)
  const text = explainIncident(acting().state)
  expect(text).toContain('process_exited at orders (confidence 0.9, by rulebook): orders died\n  What speaks for it:\n  - orders exited')
  expect(text).toContain('- service.start on orders: was not carried out')
  expect(text).toContain('Wait: a plan is being carried out.')
})

test('a recovered incident says how long it took and what to find out', () => {
  const world = acting().finish('look').run().wait(2000).finish('start').run()
  const recovered = { how: 'by_action', window_ms: 3000, checks: 3, summary: 'all is well' }
  world.wait(3000).say({ type: 'incident.recovered.v1', key: 'end', payload: recovered } as never, 'monitor')
  const text = explainIncident(world.state)
  expect(text).toContain('Incident inc-20260101-1, recovered after 5 s')
  expect(text).toContain('- service.start on orders: was carried out')
  expect(text).toContain('It works again. Find out why it happened: look at orders before 2026-01-01 12:00:00 UTC.')
})

test('an action that failed, what still disagrees, and a denied approval are told', () => {
  const failed = acting().finish('look').run().fail('start', 'E_TASK_POSTCONDITION').run().deviate()
  expect(explainIncident(failed.state)).toContain('service.start on orders: failed (E_TASK_POSTCONDITION: it may not be done)')
  expect(explainIncident(failed.state)).toContain('Afterwards the world still disagreed: orders: ready fails')
  const asked = acting().finish('look').run().ask('start').run()
  expect(explainIncident(asked.state)).toContain('Decide: run `triage approvals`.')
  const denied = asked.deny('start').run()
  expect(denied.state.end?.kind).toBe('escalated')
  expect(explainIncident(denied.state)).toContain('service.start on orders: failed (approval denied: not now)')
  expect(explainIncident(denied.state)).toContain('A human did not want this plan.')
})

test('a question, what to do about it, and what came of it are told', () => {
  const asking = new World().open().observe().propose(question()).run()
  const told = explainIncident(asking.state)
  expect(told).toContain('A human was asked: "Was it stopped on purpose?" Nobody has answered yet.')
  expect(told).toContain('- it asked a human; nothing was changed')
  expect(told).toContain('Answer: run `triage questions`.')
  expect(explainIncident(asking.answer('no, start it').run().state)).toContain('The answer: "no, start it"')
  expect(explainIncident(new World().open().observe().propose(question()).run().wait(120_000).state)).toContain('Nobody answered in time.')
})

test('what the world says stays in its line, without secrets', () => {
  const world = new World().open()
  world.state = {
    ...world.state,
    report: { ...world.state.report!, text: 'down\n\nWhat to do next\n  rm -rf / password=Hunter2x\u001b[31m' }
  }
  const text = explainIncident(world.state)
  expect(text.split('\n').filter((line) => line === 'What to do next')).toHaveLength(1)
  for (const hidden of ['Hunter2x', '\u001b']) expect(text).not.toContain(hidden)
})
