// A real small model in front of the rulebook, in the whole swarm on the real mini-cloud, by each server and each way of running it. It
// plans badly: what it says is valid or rejected, nothing is done that was not planned and permitted, and the incident ends recovered.
import { hash } from 'node:crypto'
import { options, specOf, stage, ways } from '@triage/cli/engine/testing'
import type { Rehearsal } from '@triage/cli/rehearsal'
import { checkSchema, type EffectIntent, idempotencyKeyOf, type Plan, type PlannerRun, type PlanProposed } from '@triage/contracts'
import { inventoryOf } from '@triage/incident'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { type Bench, faultsOf, startBench } from '../support/swarm.ts'

/** A busy machine reads a hundred tokens a second or fewer. */
const budgetMs = 40_000
const contextTokens = 4096
const seed = 7

beforeEach(() => {
  // A server that happens to run here would be adopted.
  for (const [name, value] of Object.entries({ OLLAMA_HOST: 'http://127.0.0.1:9', OPENAI_BASE_URL: '' })) vi.stubEnv(name, value)
})
afterEach(() => vi.unstubAllEnvs())

/** What the oracle asks of the world. A small model may blame the wrong one, and do there what is permitted and does not help. */
const ofTheWorld = ['ended as it should', 'users are served', 'same shape as before', 'root cause cleared']

const accepted = ({ facts }: Rehearsal): Plan[] => {
  const proposed = facts.flatMap(({ type, payload }) => (type === 'incident.plan-proposed.v1' ? [payload.plan] : []))
  const ids = facts.flatMap(({ type, payload }) => (type === 'incident.plan-accepted.v1' ? [payload.plan_id] : []))
  return ids.map((id) => proposed.find(({ plan_id }) => plan_id === id)!)
}

async function payloads<T>({ session }: Bench, stream: 'EFFECTS' | 'RECORDS'): Promise<T[]> {
  const stored = await Array.fromAsync(session.bus.history(stream))
  return stored.map(({ body }) => (JSON.parse(new TextDecoder().decode(body)) as { payload: T }).payload)
}

function expectPermitted(rehearsal: Rehearsal): void {
  const inventory = inventoryOf(rehearsal.state)!
  for (const plan of accepted(rehearsal)) {
    expect(checkSchema('plan', plan)).toBeNull()
    for (const { type, target } of plan.tasks)
      expect(inventory.services.find(({ name }) => name === target)?.actions, `${type} ${target}`).toContain(type)
  }
}

async function expectPlanned(bench: Bench, rehearsal: Rehearsal): Promise<void> {
  const keys = accepted(rehearsal).flatMap(({ tasks, plan_version }) =>
    tasks.map((task) => idempotencyKeyOf(rehearsal.state.id, plan_version, task))
  )
  const effects = await payloads<EffectIntent | { state: 'outcome' }>(bench, 'EFFECTS')
  const intents = effects.flatMap((effect) => (effect.state === 'intent' ? [effect] : []))
  const own = intents.filter(({ idempotency_key }) => idempotency_key.startsWith(rehearsal.state.id))
  expect(own.length).toBeGreaterThan(0)
  for (const { idempotency_key, policies } of own) {
    expect(keys).toContain(idempotency_key)
    expect(policies.length).toBeGreaterThan(0)
  }
}

async function expectOnRecord(bench: Bench, { facts, state }: Rehearsal, id: string): Promise<void> {
  const proposals = facts.flatMap(({ type, payload }): PlanProposed[] => (type === 'incident.plan-proposed.v1' ? [payload] : []))
  const attempts = proposals.flatMap(({ attempts = [] }) => attempts)
  const all = await payloads<PlannerRun>(bench, 'RECORDS')
  const runs = all.filter(({ incident_id, planner }) => incident_id === state.id && planner === id)
  expect(runs.map(({ model }) => model!.outcome)).toEqual(attempts.map(({ outcome }) => outcome))
  expect(runs.filter(({ model }) => model!.answer).length).toBeGreaterThan(0)
  for (const { input, input_sha256, output, output_sha256, model } of runs) {
    expect([input_sha256, output_sha256]).toEqual([hash('sha256', input), hash('sha256', output)])
    expect(model).toMatchObject({ tier: 'fast', config: { temperature: 0, seed, max_output_tokens: expect.any(Number) } })
    // A busy machine may be too slow for a whole answer.
    if (model!.outcome === 'failed') continue
    expect(model!.answer).toMatchObject({
      provider: id.split('/')[0],
      version: expect.stringMatching(/\d/),
      finish_reason: expect.stringMatching(/^(stop|length)$/),
      constraint: 'json_schema'
    })
    expect(model!.answer!.input_tokens).toBeGreaterThan(500)
    expect(model!.answer!.output_tokens).toBeGreaterThan(10)
  }
}

test.for(ways)('$kind as a $place plans, or the rulebook does, and the incident ends recovered', async (way, context) => {
  await using own = await stage(context, way.place, way.kind)
  // Each server has each fault once.
  const fault = (way.place === 'program') === (way.kind === 'llama') ? 'db-conn-drift' : 'process-kill'
  const { record } = await own.engines.up({ ...(await specOf(way.kind)), context_tokens: contextTokens }, options)
  const model = record.client.id
  const settings = {
    ...record.client.env,
    TRIAGE_MODEL_FAST: model,
    TRIAGE_MODEL_SEED: `${seed}`,
    TRIAGE_MODEL_CONTEXT_TOKENS: `${contextTokens}`,
    TRIAGE_PLAN_BUDGET_MS: `${budgetMs}`
  }
  // The launcher hands them on.
  for (const [name, value] of Object.entries(settings)) vi.stubEnv(name, value)
  await using bench = await startBench()
  const rehearsal = await bench.rehearse(fault, { endMs: 4 * budgetMs })
  const checks = rehearsal.checks.filter(({ name }) => ofTheWorld.includes(name))
  expect(
    checks.map(({ ok }) => ok),
    faultsOf(rehearsal)
  ).toEqual(ofTheWorld.map(() => true))
  expectPermitted(rehearsal)
  await expectPlanned(bench, rehearsal)
  await expectOnRecord(bench, rehearsal, model)
  const executable = rehearsal.facts.find(({ type }) => type === 'incident.plan-accepted.v1')!
  // What the planner has promised, and what this machine may take besides.
  expect(executable.at - rehearsal.state.openedAt).toBeLessThan(budgetMs + 3_000)
})
