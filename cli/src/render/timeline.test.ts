import { stripVTControlCharacters } from 'node:util'
import type { FactType } from '@triage/contracts'
import { expect, test } from 'vitest'
import { exited, fact, payloads, start } from './test-story.ts'
import { timelineLine } from './timeline.ts'

const types = Object.keys(payloads) as FactType[]
const line = (...args: Parameters<typeof fact>): string => stripVTControlCharacters(timelineLine(fact(...args), start) ?? '')

test.each(types)('%s has a line, with the seconds since the start', (type) => {
  expect(line(type, 12_345)).toMatch(/^ {3}12\.3[45] s {2}\S/)
})

test('no two types are told in the same words', () => {
  expect(new Set(types.map((type) => line(type))).size).toBe(types.length)
})

test('a line says what matters of its fact', () => {
  expect(line('incident.opened.v1')).toContain('opened “checkout is down”')
  expect(line('incident.report-rejected.v1')).toContain('the report is empty (E_REPORT_EMPTY)')
  expect(line('incident.observed.v1')).toContain('orders is exited after SIGKILL')
  expect(line('incident.plan-proposed.v1')).toContain('rulebook proposes plan 1: orders died (confidence 0.92)')
  expect(line('incident.plan-rejected.v1')).toContain('E_PLAN_CYCLE a needs b needs a')
  expect(line('incident.tasks-dispatched.v1')).toContain('dispatched look (attempt 2)')
  expect(line('incident.question-asked.v1')).toContain(
    'a human is asked: Was orders stopped on purpose? (npx triage answer inc-20260101-1 "…")'
  )
  expect(line('incident.question-answered.v1')).toContain('an operator answers: “No.”')
  expect(line('incident.task-finished.v1')).toContain('✓ look: look went well 250 ms')
  expect(line('incident.task-abandoned.v1')).toContain('look attempt 1 given up: agent lost')
  expect(line('incident.deviation-detected.v1')).toContain('orders is exited')
  expect(line('incident.replan-requested.v1')).toContain('replan 1: deviation')
  expect(line('incident.escalated.v1')).toContain('Look at: orders.')
})

test('what went wrong is told as such', () => {
  const failed = { ...payloads['incident.task-finished.v1'], status: 'failed' as const, summary: 'no answer' }
  expect(line('incident.task-finished.v1', 0, failed)).toContain('✗ look: no answer')
  expect(line('incident.plan-finished.v1', 0, { plan_version: 1, outcome: 'failed', failed_tasks: ['look', 'start'] })).toContain(
    'failed at look, start'
  )
  expect(line('incident.observed.v1', 0, { ...payloads['incident.observed.v1'], observations: [] })).toContain('sees nothing unusual')
})

test('of many observations the first three are told, and how many more there are', () => {
  const observations = [1, 2, 3, 4, 5].map((n) => ({ ...exited, observation_id: `obs-${n}`, summary: `sight ${n}.` }))
  const text = line('incident.observed.v1', 0, { ...payloads['incident.observed.v1'], observations })
  expect(text.match(/sight \d/g)).toEqual(['sight 1', 'sight 2', 'sight 3'])
  expect(text).toContain('2 more')
})

test('what a service logged cannot command the terminal', () => {
  const observations = [{ ...exited, summary: 'boom \u001b[2J' }]
  expect(timelineLine(fact('incident.observed.v1', 0, { ...payloads['incident.observed.v1'], observations }), start)).not.toContain(
    '\u001b[2J'
  )
})
