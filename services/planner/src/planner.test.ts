import { join } from 'node:path'
import type { Actor } from '@triage/actor'
import { type TestSwarm, testSwarm } from '@triage/actor/testing'
import { until } from '@triage/bus/testing'
import { checkSchema, type PlanProposed } from '@triage/contracts'
import { type Fact, fold, initialState } from '@triage/incident'
import { planId } from '@triage/plan'
import { loadRulebook } from '@triage/rulebook'
import { expect, test } from 'vitest'
import { Planner } from './planner.ts'
import { collectorsOf, exited, tell } from './test-incident.ts'

const id = 'inc-20260101-1'
const rulebook = await loadRulebook(join(import.meta.dirname, '../../../rulebook'))

/** What a planner proposes in a swarm, and the facts before it. */
async function propose(swarm: TestSwarm): Promise<{ payload: PlanProposed; facts: Fact[]; actor: Actor }> {
  const actor = await swarm.actor('planner')
  const running = await new Planner(actor, rulebook).start()
  const proposed = await until('the plan', () => actor.bus.last('INCIDENTS', `incident.${id}.plan-proposed`))
  const messages = (await Array.fromAsync(actor.bus.history('INCIDENTS'))).map((stored) => actor.inbox.fact(stored)!)
  const facts = messages.slice(0, proposed.seq - 1).map(({ envelope, payload }) => {
    const { type, id, issuer, issued_at } = envelope
    return { type, id, incident_id: envelope.incident_id!, issuer, at: Date.parse(issued_at), payload } as Fact
  })
  await running.stop()
  return { payload: messages[proposed.seq - 1]!.payload as PlanProposed, facts, actor }
}

test('the same facts give the same plan, byte for byte, in another swarm and at another time', async () => {
  await using first = await testSwarm(['planner'])
  await tell(await collectorsOf(first), id)
  const { payload, actor } = await propose(first)
  await using second = await testSwarm(['planner'], first)
  for await (const { subject, body, header, seq } of actor.bus.history('INCIDENTS')) {
    if (subject.endsWith('.plan-proposed')) continue
    await second.root.append(subject, body, { 'Triage-Mac': header('Triage-Mac'), 'Triage-Key': header('Triage-Key') }, { id: String(seq) })
  }
  const again = await propose(second)
  expect(JSON.stringify(again.payload)).toBe(JSON.stringify(payload))
})

test('the plan is valid, follows from what was seen, and is named and dated by it alone', async () => {
  await using swarm = await testSwarm(['planner'])
  await tell(await collectorsOf(swarm), id)
  const { payload, facts } = await propose(swarm)
  const { plan_id, created_at, ...content } = payload.plan
  expect(checkSchema('plan', payload.plan)).toBeNull()
  expect(payload).toMatchObject({ round: 0, source: 'rulebook' })
  expect(content.hypothesis).toMatchObject({ service: 'orders', evidence: expect.arrayContaining([exited.observation_id]) })
  expect(content.tasks.map(({ type, target }) => `${type} ${target}`)).toContain('service.start orders')
  expect(plan_id).toBe(planId(content))
  expect(created_at).toBe(new Date(facts.reduce(fold, initialState(id)).lastAt).toISOString())
})

test('what went in and what came out is on record, and a second life says nothing twice', async () => {
  await using swarm = await testSwarm(['planner'])
  await tell(await collectorsOf(swarm), id)
  const { payload, actor } = await propose(swarm)
  await propose(swarm)
  const auditor = await swarm.actor('auditor')
  const [run, ...more] = await Array.fromAsync(swarm.root.history('RECORDS'))
  expect(more).toEqual([])
  expect(auditor.inbox.fact(run!)!.payload).toMatchObject({
    incident_id: id,
    round: 0,
    planner: 'rulebook',
    output: JSON.stringify(payload)
  })
  expect((await actor.bus.size('INCIDENTS')).messages).toBe(5)
})
