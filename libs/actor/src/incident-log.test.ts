import { until } from '@triage/bus/testing'
import type { PayloadByType } from '@triage/contracts'
import type { Draft } from '@triage/incident'
import { expect, test } from 'vitest'
import type { Actor } from './process.ts'
import { testSwarm } from './testing.ts'

const idOf = (n: number): string => `inc-20260101-${n}`
const report = (n: number): PayloadByType['incident.opened.v1'] => ({
  report: { text: 'slow', truncated: false, sha256: 'a'.repeat(64), bytes: 4, intake_seq: n, received_at: '2026-01-01T12:00:00.000Z' }
})
const open = (gateway: Actor, n: number) => gateway.outbox.fact(idOf(n), { type: 'incident.opened.v1', key: String(n), payload: report(n) })
const recovered: Draft = {
  type: 'incident.recovered.v1',
  key: 'end',
  payload: { how: 'by_itself', window_ms: 3000, checks: 6, summary: 'well' }
}

/** Follows as the planner does, and keeps what it is told: the incident, and the fact, or null at the start. */
async function follow(planner: Actor) {
  const told: [string, string | null][] = []
  const following = await planner.incidents.follow(({ state }, fact) => told.push([state.id, fact?.type ?? null]))
  return { told, stop: () => following.stop() }
}

test('a new life is told once of each incident that is still open, then of each new fact', async () => {
  await using swarm = await testSwarm(['planner'])
  const [gateway, monitor] = [await swarm.actor('gateway'), await swarm.actor('monitor')]
  const first = await swarm.actor('planner')
  const before = await follow(first)
  for (const n of [1, 2, 3]) await open(gateway, n)
  await gateway.outbox.fact(idOf(1), { type: 'incident.report-merged.v1', key: '9', payload: report(1) })
  await monitor.outbox.fact(idOf(2), recovered)
  await until('all that was said', () => before.told.length === 5)
  expect(before.told.filter(([, fact]) => fact === null)).toEqual([])
  await before.stop()

  const second = await swarm.actor('planner')
  const after = await follow(second)
  expect(after.told).toEqual([
    [idOf(1), null],
    [idOf(3), null]
  ])
  await open(gateway, 4)
  await until('the new incident', () => after.told.length === 3)
  expect(after.told.at(-1)).toEqual([idOf(4), 'incident.opened.v1'])
  expect(second.incidents.open().map(({ state }) => state.id)).toEqual([idOf(1), idOf(3), idOf(4)])
  expect(second.incidents.get(idOf(1))!.state).toEqual(first.incidents.get(idOf(1))!.state)
  expect(second.incidents.get(idOf(2))!.state.end).toMatchObject({ kind: 'recovered' })
  await after.stop()
})

test('who has said something can wait until it is known here', async () => {
  await using swarm = await testSwarm(['planner'])
  const [gateway, planner] = [await swarm.actor('gateway'), await swarm.actor('planner')]
  const following = await follow(planner)
  const { seq } = await open(gateway, 1)
  await planner.incidents.reached(seq)
  expect(planner.incidents.known().map(({ state }) => state.id)).toEqual([idOf(1)])
  const later = planner.incidents.reached(seq + 1)
  await gateway.outbox.fact(idOf(1), { type: 'incident.report-merged.v1', key: '2', payload: report(1) })
  await later
  expect(planner.incidents.get(idOf(1))!.state.merged).toBe(1)
  await following.stop()
})

test('a fact that does not hold changes nothing, and what comes after it is heard', async () => {
  await using swarm = await testSwarm(['planner'])
  const [gateway, planner] = [await swarm.actor('gateway'), await swarm.actor('planner')]
  const following = await follow(planner)
  const subject = `incident.${idOf(1)}.opened`
  await gateway.bus.append(subject, new TextEncoder().encode('{"envelope":{},"payload":{}}'), {}, { id: 'forged' })
  await open(gateway, 2)
  await until('the incident', () => following.told.length === 1)
  expect(following.told).toEqual([[idOf(2), 'incident.opened.v1']])
  expect([planner.incidents.get(idOf(1)), planner.inbox.refusals.total]).toEqual([undefined, 1])
  await following.stop()
})

test('a trace goes on from the fact that opened the incident', async () => {
  await using swarm = await testSwarm(['planner'])
  const [gateway, planner] = [await swarm.actor('gateway'), await swarm.actor('planner')]
  const following = await follow(planner)
  await open(gateway, 1)
  await until('the incident', () => following.told.length === 1)
  const { traceparent, cause } = planner.incidents.get(idOf(1))!
  await gateway.outbox.fact(idOf(1), { type: 'incident.report-merged.v1', key: '2', payload: report(1) }, { traceparent, cause })
  await until('the second fact', () => following.told.length === 2)
  const [first, second] = (await Array.fromAsync(swarm.root.history('INCIDENTS'))).map((stored) => planner.inbox.fact(stored)!.envelope)
  const [trace, span] = [first!.traceparent.split('-')[1], first!.traceparent.split('-')[2]]
  expect(second).toMatchObject({ cause: first!.id, traceparent: expect.stringContaining(trace!) })
  expect(second!.traceparent.split('-')[2]).not.toBe(span)
  await following.stop()
})
