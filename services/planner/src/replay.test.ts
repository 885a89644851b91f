// Facts of an incident, planned again without a bus.
import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { PlanProposed } from '@triage/contracts'
import { openTaped } from '@triage/model'
import { type Script, startModelServer } from '@triage/model-server'
import { loadRulebook } from '@triage/rulebook'
import { Library } from '@triage/runbooks'
import { expect, test } from 'vitest'
import { World } from '../../../libs/incident/src/test-world.ts'
import { Consultant } from './consultant.ts'
import { rulebookProposal } from './proposal.ts'
import { type Open, type Replayed, replay } from './replay.ts'
import { Shelf } from './runbooks.ts'

const rulebook = await loadRulebook(join(import.meta.dirname, '../../../rulebook'))
const seen = (): World => new World().open().observe()
const proposing = (world: World, payload: PlanProposed): World =>
  world.wait(5).say({ type: 'incident.plan-proposed.v1', key: 'plan', payload }, 'planner')
const again = (world: World, open: Open | null = null): Promise<Replayed[]> =>
  Array.fromAsync(replay(world.facts, { rulebook, open, only: null }))

test("the rulebook's plan comes out as it was; what was said after it was made does not count", async () => {
  const world = seen()
  const proposed = rulebookProposal(rulebook, world.state, 1)
  world.wait(3).say({ type: 'incident.report-merged.v1', key: '2', payload: { report: world.state.report! } }, 'gateway')
  const [replayed, ...more] = await again(proposing(world, proposed))
  expect(more).toEqual([])
  expect(replayed).toMatchObject({ same: true, now: { source: 'rulebook' } })
})

test('a plan that does not follow from the facts is seen not to', async () => {
  const world = seen()
  const proposed = rulebookProposal(rulebook, world.state, 1)
  const [replayed] = await again(proposing(world, { ...proposed, plan: { ...proposed.plan, root_goal: 'something else' } }))
  expect(replayed!.same).toBe(false)
})

test("a model's plan comes from a recording, byte for byte, and only for the facts that it was recorded with", async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'triage-replay-'))
  const opening =
    (env: Record<string, string>): Open =>
    async (desk) => {
      const links = [{ tier: 'fast' as const, model: openTaped('ollama/scripted:1b', { env: { CI: '', ...env } }) }]
      return new Consultant(desk, {
        links,
        shelf: new Shelf(new Library([]), '', desk.log),
        rulebook,
        budgetMs: 20_000,
        mayAsk: true,
        prices: {},
        seed: 7
      })
    }
  const hypothesis = { service: 'orders', cause: 'process_exited', confidence: 'high', evidence: ['E1'], statement: 'it has ended' }
  const text = JSON.stringify({ hypothesis, decision: { do: 'act', tasks: [{ type: 'service.start', target: 'orders' }] } })
  const script: Script = [{ does: 'answer', text }]
  const byRulebook = () => proposing(seen(), rulebookProposal(rulebook, seen().state, 1))
  let made: PlanProposed
  {
    await using server = await startModelServer({ script })
    const [first] = await again(byRulebook(), opening({ OLLAMA_HOST: server.ollama_url, TRIAGE_MODEL_RECORD: folder.path }))
    expect(first).toMatchObject({ same: false, now: { source: 'ollama/scripted:1b' } })
    made = first!.now
  }
  const replaying = opening({ TRIAGE_MODEL_REPLAY: folder.path })
  expect(await again(proposing(seen(), made), replaying)).toMatchObject([{ same: true, now: { source: 'ollama/scripted:1b' } }])
  const other = proposing(seen(), made)
  other.facts = other.facts.map((fact) =>
    fact.type === 'incident.opened.v1'
      ? { ...fact, payload: { ...fact.payload, report: { ...fact.payload.report, text: 'orders is up' } } }
      : fact
  )
  const [missed] = await again(other, replaying)
  expect(missed).toMatchObject({ same: false, now: { source: 'rulebook', attempts: [{ errors: [{ code: 'E_REPLAY_MISS' }] }] } })
})
