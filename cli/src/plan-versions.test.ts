import { stripVTControlCharacters } from 'node:util'
import { expect, test } from 'vitest'
import { planVersions } from './plan-versions.ts'
import { plansText } from './render/plans.ts'
import { asked, exited, fact, payloads, plan, story } from './render/test-story.ts'

const proposed = payloads['incident.plan-proposed.v1']
const again = { ...plan.tasks[1]!, task_id: 'again', type: 'service.restart', dependencies: [] }
const bad = { ...plan, plan_id: 'plan-00000000000000bb', plan_version: 2, tasks: [again], root_goal: 'Restart it' }
const third = { ...plan, plan_id: 'plan-00000000000000cc', plan_version: 2, tasks: [again, plan.tasks[0]!] }
const facts = [
  ...story.slice(0, -1),
  fact('incident.plan-proposed.v1', 6_000, { ...proposed, round: 1, source: 'ollama/smollm2:135m', plan: bad }),
  fact('incident.plan-rejected.v1', 6_100, {
    plan_id: bad.plan_id,
    plan_version: 2,
    errors: [
      { code: 'E_PLAN_CYCLE', message: 'again → again' },
      { code: 'E_PLAN_ARGS', message: 'again: args must be an object' }
    ]
  }),
  fact('incident.plan-proposed.v1', 6_200, { ...proposed, round: 1, plan: third })
]

test('each plan has its verdict, its grounds, and its distance to the last that was accepted', () => {
  const [first, second, last, ...more] = planVersions(facts)
  expect(more).toEqual([])
  expect(first).toMatchObject({ source: 'rulebook', verdict: 'accepted', errors: [], diff: null, evidence: [exited.summary] })
  expect(second).toMatchObject({ source: 'ollama/smollm2:135m', verdict: 'rejected', diff: { distance: 4, kept: [] } })
  expect(last).toMatchObject({ verdict: 'waiting', diff: { distance: 3, kept: [{ task_id: 'check' }] } })
})

test('people read source, hypothesis, evidence, every error, and the edits', () => {
  const [first, second, last] = stripVTControlCharacters(plansText(planVersions(facts))).split('\n\n')
  expect(first).toContain('Plan 1 by rulebook: Start orders\nHypothesis orders died (process_exited at orders, confidence 0.92)')
  expect(first).toContain('Evidence\n  · orders is exited after SIGKILL\nValidator ✓ accepted\nTasks\n')
  expect(second).toContain('Validator ✗ rejected\n  E_PLAN_CYCLE again → again\n  E_PLAN_ARGS again: args must be an object\n')
  expect(last).toContain('Difference to the plan before: 3 of 4 tasks\n')
  for (const row of [/− +service.start +orders/, /\+ +service.restart +orders/, /= +probe.check +orders/]) expect(last).toMatch(row)
})

test('without a plan that is said, and what a plan asks; a terminal is not commanded by what a model wrote', () => {
  expect(plansText([])).toBe('Nobody has proposed a plan yet.')
  expect(plansText(planVersions(asked))).toContain('Was orders stopped on purpose?')
  const sly = { ...plan, root_goal: 'clear \u001b[2J' }
  expect(plansText(planVersions([fact('incident.plan-proposed.v1', 0, { ...proposed, plan: sly })]))).not.toContain('\u001b[2J')
})
