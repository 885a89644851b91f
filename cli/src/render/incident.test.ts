import { stripVTControlCharacters } from 'node:util'
import type { Alert } from '@triage/contracts'
import { type Fact, fold, initialState } from '@triage/incident'
import { expect, test } from 'vitest'
import { incidentText } from './incident.ts'
import { asked, fact, id, payloads, plan, story } from './test-story.ts'

const text = (facts: readonly Fact[]): string => stripVTControlCharacters(incidentText(facts.reduce(fold, initialState(id)), facts))

test('a story is told from the report to the outcome', () => {
  expect(text(story)).toBe(
    [
      'inc-20260101-1 “checkout is down”',
      'Hypothesis orders died (process_exited, confidence 0.92)\n  · orders is exited after SIGKILL',
      [
        'Plan 1 by rulebook: Start orders',
        '  ①  ✓  look   logs.query     orders  250 ms',
        '  ②  ✓  start  service.start  orders  1.0 s (attempt 2)  after look',
        '  ③  ✓  check  probe.check    orders  2.0 s              after start'
      ].join('\n'),
      'Time detect 1.0 s → plan 500 ms → act 4.0 s → verified 4.5 s; 10.0 s in all',
      'Outcome recovered The service is well again.'
    ].join('\n\n')
  )
})

test('an incident that is still open is told as far as it has come', () => {
  const told = text(story.slice(0, 6))
  expect(told).toMatch(/① +✓ +look/)
  expect(told).toMatch(/② +· +start/)
  expect(told).toContain('Outcome still open')
  expect(text(story.slice(0, 1))).not.toContain('Plan')
})

test('a report that was rejected says why', () => {
  expect(text([fact('incident.report-rejected.v1')])).toContain('report rejected: the report is empty (E_REPORT_EMPTY)')
})

test('what was reported again is counted', () => {
  expect(text([story[0]!, fact('incident.report-merged.v1', 1), fact('incident.report-merged.v1', 2)])).toContain('(reported 3 times)')
})

test('alerts are told with what they said last', () => {
  const alert = {
    fingerprint: 'a1',
    status: 'firing',
    name: 'TargetDown',
    service: 'orders',
    starts_at: '2026-01-01T12:00:00.000Z'
  } as const
  const { report } = payloads['incident.report-merged.v1']
  const merged = (at: number, ...alerts: Alert[]) => fact('incident.report-merged.v1', at, { report: { ...report, alerts } })
  const late: Alert = { ...alert, fingerprint: 'b2', name: 'HighLatency', starts_at: '2026-01-01T12:00:01.000Z', summary: 'it is slow' }
  const told = text([story[0]!, merged(1, alert), merged(2, { ...alert, status: 'resolved' }, late)])
  expect(told).toContain('Alerts 1 of 2 fire\n  ○  TargetDown   orders\n  ●  HighLatency  orders  it is slow')
})

test('a second plan says what is new in it and what the world said of the first', () => {
  const second = { ...plan, plan_id: 'plan-fedcba9876543210', plan_version: 2, root_goal: 'Restart orders', tasks: plan.tasks.slice(1) }
  const told = text([
    ...story.slice(0, -1),
    fact('incident.deviation-detected.v1', 20_000),
    fact('incident.replan-requested.v1', 20_001),
    fact('incident.plan-proposed.v1', 20_002, { ...payloads['incident.plan-proposed.v1'], round: 1, plan: second }),
    fact('incident.plan-accepted.v1', 20_003, { plan_id: second.plan_id, plan_version: 2 }),
    fact('incident.escalated.v1', 20_004)
  ])
  expect(told).toContain('then orders is exited')
  expect(told).toMatch(/Plan 2 by rulebook: Restart orders\n {2}0 tasks new, 1 gone since the plan before/)
  expect(told).toContain('Outcome escalated It was open for too long.')
})

test('a question is told with how to answer it, then with its answer', () => {
  const open = text(asked)
  expect(open).toContain(
    'Plan 1 by ollama/small: Ask a human about orders\n  asks Was orders stopped on purpose?\n  nobody has answered yet'
  )
  expect(open).toContain(`Outcome waits for an answer: Was orders stopped on purpose? (npx triage answer ${id} "…")`)
  expect(text([...asked, fact('incident.question-answered.v1', 9_000)])).toContain('asks Was orders stopped on purpose?\n  “No.”')
  const late = fact('incident.replan-requested.v1', 121_600, { round: 1, reason: 'unanswered' })
  expect(text([...asked, late])).toContain('asks Was orders stopped on purpose?\n  nobody answered')
})
