// An incident that asks a human.
import type { Fact } from '@triage/incident'
import { expect, test } from 'vitest'
import { asked, fact, id } from '../render/test-story.ts'
import { type Desk, openDesk } from './test-desk.ts'

const desk = (more: readonly Fact[] = []): Promise<Desk> => openDesk([...asked, ...more])
const question = 'Was orders stopped on purpose?'
const answered = { type: 'incident.question-answered.v1', payload: { plan_version: 1, task_id: 'ask', answer: 'no: start it' } }

test('what is asked is listed; the first answer counts, without secrets', async () => {
  await using at = await desk()
  expect(JSON.parse((await at.triage('questions')).out)).toMatchObject([{ incident_id: id, plan_version: 1, question }])
  expect((await at.triage('incidents')).out).toContain('waits for a human')
  expect(await at.triage('answer', id)).toMatchObject({ code: 2 })
  for (const text of [' ', 'x'.repeat(2_001)]) expect((await at.triage('answer', id, text)).out).toContain('E_USAGE')
  expect((await at.triage('answer', 'inc-20260101-9', 'yes')).out).toContain('E_NO_INCIDENT')

  const done = await at.triage('answer', 'last', 'no:', 'start it,', 'password=Hunter2x')
  expect([done.code, JSON.parse(done.out)]).toEqual([0, { incident_id: id, plan_version: 1 }])
  const said = await at.last()
  expect(said).toMatchObject({ ...answered, issuer: 'operator', payload: { answer: expect.stringContaining('no: start it') } })
  expect(JSON.stringify(said)).not.toContain('Hunter2x')
  const again = await at.triage('answer', id, 'yes')
  expect([again.code, again.out]).toEqual([1, expect.stringMatching(/E_QUESTION_CLOSED.*was answered before: no: start it/)])
  expect(await at.last()).toEqual(said)
  expect((await at.triage('questions')).out.trim()).toBe('[]')
})

test('of two who answer at once one is told that the other was first', async () => {
  await using at = await desk()
  const both = await Promise.all(['yes', 'no'].map((text) => at.triage('answer', id, text)))
  expect(both.map(({ code }) => code).toSorted()).toEqual([0, 1])
  expect(both.find(({ code }) => code === 1)!.out).toContain('E_QUESTION_CLOSED')
})

test('what nobody waits for any more, or never asked, is not answered', async () => {
  await using late = await desk([fact('incident.replan-requested.v1', 130_000, { round: 1, reason: 'unanswered' })])
  expect((await late.triage('answer', id, 'yes')).out).toMatch(/E_QUESTION_CLOSED.*there was none in time/)
  await using silent = await openDesk(asked.slice(0, 2))
  expect((await silent.triage('answer', id, 'yes')).out).toContain('E_NO_QUESTION')
})
