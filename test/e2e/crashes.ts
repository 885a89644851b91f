// Any one process of the swarm may die at any instant: kill -9 of each in turn, in the middle of an incident that still ends well.
import { verifyLive } from '@triage/cli/audit'
import type { Fact } from '@triage/incident'
import { expect, test } from 'vitest'
import { faultsOf } from '../support/swarm.ts'
import { bench } from './shared.ts'

/** When each is killed: at the moment when it has most to lose. */
const moments: [string, Fact['type']][] = [
  ['gateway', 'incident.opened.v1'],
  ['planner', 'incident.opened.v1'],
  ['log-agent', 'incident.tasks-dispatched.v1'],
  ['metric-agent', 'incident.tasks-dispatched.v1'],
  ['scheduler', 'incident.plan-accepted.v1'],
  ['action-agent', 'incident.task-finished.v1'],
  ['monitor', 'incident.plan-finished.v1'],
  ['auditor', 'incident.plan-accepted.v1'],
  ['injector', 'incident.plan-accepted.v1'],
  ['nats', 'incident.plan-accepted.v1']
]

test.each(moments)('kill -9 of the %s at %s', async (name, moment) => {
  let killed = 0
  const rehearsal = await bench.rehearse('process-kill', {
    onFact: (fact) => {
      if (fact.type !== moment || killed) return
      killed = bench.swarm.pids()[name]!
      process.kill(killed, 'SIGKILL')
    }
  })
  expect(killed).toBeGreaterThan(0)
  expect(faultsOf(rehearsal)).toBe('')
  expect(bench.swarm.pids()[name]).not.toBe(killed)
})

test('after all that the audit log still verifies and lacks nothing', async () => {
  const sizes = async (): Promise<number> =>
    (await Promise.all((['INCIDENTS', 'EFFECTS', 'SAFETY', 'RECORDS'] as const).map((stream) => bench.session.bus.size(stream)))).reduce(
      (sum, { messages }) => sum + messages,
      0
    )
  await expect.poll(async () => (await verifyLive(bench.session)).entries === (await sizes()), { timeout: 10_000 }).toBe(true)
  expect(await verifyLive(bench.session)).toMatchObject({ ok: true })
})
