import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Answered, answered, type Chain, failed, type Link, next, type Step, startChain } from './chain.ts'
import { briefing, contextOf, faults } from './fixtures.ts'
import { judge } from './judge.ts'
import { reaskTokens } from './reask.ts'
import { answerSchema } from './schema.ts'
import { estimateTokens } from './tokens.ts'

const context = contextOf(briefing(faults.postgresKilled))
const { prompt } = context
const link = (tier: Link['tier'], model: string): Link => ({
  tier,
  model,
  prompt,
  schema: answerSchema(prompt.offer, { reasoning: tier === 'smart' })
})
const fast = link('fast', 'ollama/small')
const smart = link('smart', 'openai/large')

const good = JSON.stringify({
  hypothesis: { service: 'postgres', cause: 'process_exited', confidence: 'high', evidence: ['E1'], statement: 'postgres has ended' },
  decision: 'act',
  question: '',
  tasks: [{ id: 't1', type: 'service.start', target: 'postgres', after: [] }]
})
const bad = good.replace('"service.start"', '"shell.run"')
/** What a model does when it is asked: says something, or fails with a code. */
type Behaviour = 'good' | 'bad' | 'prose' | 'cut' | 'E_TIMEOUT'
const texts = { good, bad, prose: 'Just restart <|im_end|> it.', cut: good.slice(0, -30) }

interface Told {
  step: Step
  chain: Chain
  /** tier and question of each that was asked */
  asked: string[]
  elapsed: number
}

/** Asks until it ends; each answer takes so long, and at most its time-out. */
function run(links: readonly Link[], behaviours: readonly Behaviour[], takes_ms = 100, budget_ms = 60_000): Told {
  let chain = startChain(links, budget_ms)
  let elapsed = 0
  const asked: string[] = []
  for (;;) {
    const step = next(chain, elapsed)
    if (step.do !== 'ask') return { step, chain, asked, elapsed }
    const behaviour = takes_ms > step.timeout_ms ? 'E_TIMEOUT' : (behaviours[asked.length] ?? 'bad')
    asked.push(`${step.link.tier} ${step.question}`)
    elapsed += Math.min(takes_ms, step.timeout_ms)
    if (behaviour === 'E_TIMEOUT') chain = failed(chain, step, { code: 'E_TIMEOUT', message: 'silent' }, elapsed)
    else {
      const finish_reason = behaviour === 'cut' ? 'length' : 'stop'
      const answer: Answered = { text: texts[behaviour], finish_reason, usage: { input_tokens: 900, output_tokens: 80 } }
      chain = answered(chain, step, answer, judge(answer.text, context), elapsed)
    }
  }
}

test.each<[Behaviour[], string[], string]>([
  [['good'], ['fast 1'], 'ollama/small'],
  [['bad', 'good'], ['fast 1', 'fast 2'], 'ollama/small'],
  [['bad', 'prose', 'good'], ['fast 1', 'fast 2', 'smart 1'], 'openai/large'],
  [['E_TIMEOUT', 'good'], ['fast 1', 'smart 1'], 'openai/large'],
  [['bad', 'E_TIMEOUT', 'bad', 'good'], ['fast 1', 'fast 2', 'smart 1', 'smart 2'], 'openai/large']
])('%j: asked %j, and %s plans', (behaviours, expected, source) => {
  const { step, chain, asked } = run([fast, smart], behaviours)
  expect(asked).toEqual(expected)
  expect(step).toMatchObject({ do: 'use', source, drafted: { plan: { hypothesis: { service: 'postgres' } } } })
  expect(chain.attempts.map(({ outcome }) => outcome)).toEqual(
    behaviours.map((behaviour) => (behaviour === 'good' ? 'accepted' : behaviour === 'E_TIMEOUT' ? 'failed' : 'rejected'))
  )
})

test('without a model, and when none has a valid plan, the rulebook plans', () => {
  expect(run([], []).step).toEqual({ do: 'rulebook', why: 'no_model' })
  const { step, asked } = run([fast, smart], ['bad', 'bad', 'bad', 'bad'])
  expect(step).toEqual({ do: 'rulebook', why: 'no_valid_plan' })
  expect(asked).toHaveLength(4)
  expect(run([smart], ['E_TIMEOUT']).step).toEqual({ do: 'rulebook', why: 'no_valid_plan' })
})

test('the second question carries the first, what was answered and what is wrong with it, within its room', () => {
  const { chain } = run([fast], ['bad', 'bad'])
  const [first, second] = chain.attempts
  expect(first!.errors).toEqual([{ code: 'E_PLAN_UNKNOWN_TYPE', message: 't1: there is no action shell.run' }])
  expect(second!.messages.slice(0, 2)).toEqual(prompt.messages)
  expect(second!.messages[2]).toEqual({ role: 'assistant', content: bad })
  expect(second!.messages[3]!.content).toContain('- E_PLAN_UNKNOWN_TYPE "t1: there is no action shell.run" Use a type of the catalogue.')
  const long = judge(JSON.stringify({ ...JSON.parse(bad), question: '#'.repeat(5000) }), context)
  const ask = next(startChain([fast], 60_000), 0) as Extract<Step, { do: 'ask' }>
  const answer: Answered = { text: '#'.repeat(100_000), finish_reason: 'length', usage: { input_tokens: null, output_tokens: null } }
  const again = next(answered(startChain([fast], 60_000), ask, answer, long, 1), 1) as Extract<Step, { do: 'ask' }>
  expect(again.messages.slice(2).reduce((sum, { content }) => sum + estimateTokens(content), 0)).toBeLessThan(reaskTokens)
})

test('prose is quoted back, and an answer that was cut off is told to be shorter', () => {
  const [, second] = run([fast], ['prose', 'bad']).chain.attempts
  expect(second!.messages[2]!.content).toBe('"Just restart \\u003c|im_end|\\u003e it."')
  const [cut] = run([fast], ['cut', 'bad']).chain.attempts
  expect(cut!.errors.map(({ message }) => message)).toEqual([expect.stringContaining('say less'), expect.stringContaining('cut off')])
})

test('each gets as much of the time as those after it, and nobody is asked who cannot answer in time', () => {
  const timeouts = (links: Link[], elapsed: number): unknown =>
    (next(startChain(links, 20_000), elapsed) as { timeout_ms?: number }).timeout_ms
  expect(timeouts([fast, smart], 0)).toBe(10_000)
  expect(timeouts([smart], 0)).toBe(20_000)
  expect(next(startChain([smart], 20_000), 19_500)).toEqual({ do: 'rulebook', why: 'out_of_time' })
  const slow = run([fast, smart], [], 15_000, 20_000)
  expect(slow.asked).toEqual(['fast 1', 'smart 1'])
  expect(slow.step).toEqual({ do: 'rulebook', why: 'no_valid_plan' })
})

test('law: whatever the models do, it ends within its budget, and asks each at most twice', () => {
  const behaviour = fc.constantFrom<Behaviour>('good', 'bad', 'prose', 'cut', 'E_TIMEOUT')
  fc.assert(
    fc.property(
      fc.subarray([fast, smart]),
      fc.array(behaviour, { minLength: 4, maxLength: 4 }),
      fc.integer({ min: 1, max: 40_000 }),
      fc.integer({ min: 0, max: 60_000 }),
      (links, behaviours, takes, budget) => {
        const { step, chain, asked, elapsed } = run(links, behaviours, takes, budget)
        expect(elapsed).toBeLessThanOrEqual(budget)
        expect(new Set(asked).size).toBe(asked.length)
        expect(asked.length).toBe(chain.attempts.length)
        expect(step.do === 'use').toBe(chain.attempts.at(-1)?.outcome === 'accepted')
      }
    )
  )
})
