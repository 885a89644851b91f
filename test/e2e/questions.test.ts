// A model that asks a human before it plans: answered, or not, and whoever dies meanwhile. On the real mini-cloud.
import { until } from '@triage/bus/testing'
import { answerQuestion, openQuestions } from '@triage/cli/questions'
import type { Rehearsal } from '@triage/cli/rehearsal'
import { type Asked, type Script, startModelServer, stepFor } from '@triage/model-server'
import { afterAll, expect, test } from 'vitest'
import { planners } from '../planners/planners.ts'
import { faultsOf, startBench } from '../support/swarm.ts'

const model = 'ollama/scripted:1b'
const question = 'Was anything changed on purpose?'
const hypothesis = { service: 'catalog', cause: 'process_exited', confidence: 'low', evidence: ['E1'], statement: 'catalog has ended' }
const asks = { does: 'answer', text: JSON.stringify({ hypothesis, decision: { do: 'ask', question } }) } as const
const wasAsked = ({ messages }: Asked): boolean => messages[1]!.content.includes('A human was asked')

let script: Script = [asks]
const server = await startModelServer({
  script: (asked, nth) => stepFor(script, asked, nth)
})
const questionMs = 20_000
// Before anything is started: the launcher hands it on.
Object.assign(process.env, {
  TRIAGE_MODEL_FAST: model,
  TRIAGE_MODEL_SEED: '1',
  TRIAGE_QUESTION_MS: String(questionMs),
  OLLAMA_HOST: server.ollama_url
})
const bench = await startBench()
afterAll(async () => {
  await bench[Symbol.asyncDispose]()
  await server[Symbol.asyncDispose]()
})

/** Kills an instance of the shop; `asked` is called once, when a human is asked. */
async function rehearse(asked: () => Promise<unknown>): Promise<Rehearsal> {
  let done: Promise<unknown> | null = null
  const rehearsal = await bench.rehearse('process-kill', {
    onFact: (fact) => {
      if (fact.type === 'incident.question-asked.v1') done ??= asked()
    }
  })
  expect(done).not.toBeNull()
  await done
  return rehearsal
}
const sources = ({ state }: Rehearsal): string[] => state.plans.map(({ source }) => source)
const reasons = ({ facts }: Rehearsal): string[] =>
  facts.flatMap((fact) => (fact.type === 'incident.replan-requested.v1' ? [fact.payload.reason] : []))

async function dies(name: 'planner' | 'scheduler'): Promise<void> {
  const killed = bench.swarm.pids()[name]!
  process.kill(killed, 'SIGKILL')
  await until(`another ${name}`, () => ![killed, undefined].includes(bench.swarm.pids()[name]))
}

test('the answer is in the next prompt, and the model repairs with it, though planner and scheduler died meanwhile', async () => {
  script = (asked, nth) => (wasAsked(asked) ? stepFor(planners.good!, asked, nth) : asks)
  const rehearsal = await rehearse(async () => {
    await Promise.all([dies('planner'), dies('scheduler')])
    const [open] = await openQuestions(bench.session)
    expect(open!.question).toMatchObject({ question, answer: null })
    await answerQuestion(bench.session, open!.state.id, 'no, nobody touched it')
  })
  expect(faultsOf(rehearsal)).toBe('')
  expect(sources(rehearsal)).toEqual([model, model])
  expect(reasons(rehearsal)).toEqual(['answered'])
  expect(server.asked.at(-1)!.messages[1]!.content).toContain(`A human was asked: "${question}"\nThe answer: "no, nobody touched it"`)
  expect(rehearsal.state.question).toMatchObject({ answer: 'no, nobody touched it', closed: true })
  await expect(answerQuestion(bench.session, rehearsal.state.id, 'yes')).rejects.toMatchObject({ code: 'E_QUESTION_CLOSED' })
}, 120_000)

test('without an answer the rulebook repairs when the time is over: the model may not ask again', async () => {
  script = [asks]
  const rehearsal = await rehearse(() => dies('scheduler'))
  expect(faultsOf(rehearsal)).toBe('')
  expect(sources(rehearsal)).toEqual([model, 'rulebook'])
  expect(reasons(rehearsal)).toEqual(['unanswered'])
  const replanned = rehearsal.facts.find(({ type }) => type === 'incident.replan-requested.v1')!
  expect(replanned.at).toBeGreaterThanOrEqual(rehearsal.state.question!.expiresAt)
}, 120_000)

test('what is well again while a human is asked is left alone', async () => {
  script = [asks]
  const rehearsal = await rehearse(() => bench.swarm.patient.host.start('catalog', { by: 'host' }))
  expect(rehearsal.state.end).toMatchObject({ kind: 'recovered', reason: 'by_itself' })
  expect(rehearsal.checks).toContainEqual({ name: 'no collateral', ok: true, detail: '0 operations, all of them called for' })
  await expect(answerQuestion(bench.session, rehearsal.state.id, 'yes')).rejects.toMatchObject({ code: 'E_QUESTION_CLOSED' })
}, 120_000)
