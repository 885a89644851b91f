import { stripVTControlCharacters } from 'node:util'
import type { PlannerRun } from '@triage/contracts'
import { expect, test } from 'vitest'
import { planVersions } from './plan-versions.ts'
import { plansText } from './render/plans.ts'
import { asked, exited, fact, id, payloads, plan, start, story } from './render/test-story.ts'

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

const attempt = { model: 'ollama/smollm2:135m', outcome: 'rejected' as const, repairs: ['took it out of a fence'], errors: [] }
const late = { code: 'E_MODEL_TIMEOUT', message: 'it did not finish\nin time' }
const attempts = [attempt, { ...attempt, outcome: 'accepted' as const }, { ...attempt, outcome: 'failed' as const, errors: [late] }]
const answer = {
  provider: 'ollama',
  version: null,
  finish_reason: 'stop' as const,
  constraint: 'none' as const,
  input_tokens: 812,
  output_tokens: null,
  first_token_ms: 9,
  cost: { amount: 0.0123456, currency: 'EUR' }
}
const config = { temperature: 0.2, seed: null, max_output_tokens: 600, timeout_ms: 5_000, silence_ms: 5_000 }
const run = (
  question: 1 | 2,
  startedMs: number,
  more: Partial<PlannerRun> = {},
  outcome = attempts[question - 1]!.outcome
): PlannerRun => ({
  incident_id: id,
  round: 0,
  planner: attempt.model,
  input: '',
  input_sha256: '',
  output: '',
  output_sha256: '',
  started_at: new Date(start + startedMs).toISOString(),
  took_ms: 2_400,
  model: { tier: 'fast', question, config, outcome, repairs: [], errors: [], answer },
  ...more
})

test('each question to a model has what it took, also after a planner that died while it asked', () => {
  const facts = [fact('incident.plan-proposed.v1', 5_000, { ...proposed, attempts: attempts.slice(0, 2) })]
  const lost = run(1, 1_000, { took_ms: 1 })
  const [version] = planVersions(facts, [lost, run(1, 2_000), run(2, 3_000), run(1, 4_000, { round: 1 }), run(1, 6_000)])
  expect(version!.attempts).toEqual([
    { ...attempts[0], asked: { tier: 'fast', question: 1, took_ms: 2_400, answer } },
    { ...attempts[1], asked: { tier: 'fast', question: 2, took_ms: 2_400, answer } }
  ])
  expect(planVersions(facts, [run(1, 2_000, { planner: 'ollama/other' })])[0]!.attempts.map(({ asked }) => asked)).toEqual([null, null])
})

test('people read each question: outcome, tokens, time, repairs of form, and what was against it', () => {
  const replan = { wanted: 'repair' as const, made: 'new' as const }
  const facts = [fact('incident.plan-proposed.v1', 5_000, { ...proposed, attempts, replan, unsupported: ['it rains'] })]
  const text = stripVTControlCharacters(plansText(planVersions(facts, [run(1, 2_000), run(2, 3_000), run(1, 3_500, {}, 'failed')])))
  expect(text).toContain('Start orders (a new plan; asked for was a repair of the plan before)\nModels asked\n')
  expect(text).toMatch(
    /✗ +ollama\/smollm2:135m +rejected +fast +812 → \? tokens, 0\.01235 EUR +2\.4 s\n +repaired: took it out of a fence\n/
  )
  expect(text).toMatch(/✓ +ollama\/smollm2:135m +accepted +fast, asked again/)
  expect(text).toContain('E_MODEL_TIMEOUT it did not finish in time\nHypothesis')
  expect(text).toContain('Said without evidence\n  · it rains\n')
})

test('without a plan that is said, and what a plan asks; a terminal is not commanded by what a model wrote', () => {
  expect(plansText([])).toBe('Nobody has proposed a plan yet.')
  expect(plansText(planVersions(asked))).toContain('Was orders stopped on purpose?')
  const sly = { ...plan, root_goal: 'clear \u001b[2J' }
  expect(plansText(planVersions([fact('incident.plan-proposed.v1', 0, { ...proposed, plan: sly })]))).not.toContain('\u001b[2J')
})
