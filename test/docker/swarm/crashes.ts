// Any one container of the swarm may die at any instant, in the middle of an incident that still ends well.
import { verifyLive } from '@triage/cli/audit'
import type { Fact } from '@triage/incident'
import { expect, test } from 'vitest'
import { faultsOf } from '../../support/swarm.ts'
import { bench } from '../shared.ts'

/** When each is killed: at the moment when it has most to lose. */
const moments: [string, Fact['type']][] = [
  ['gateway', 'incident.opened.v1'],
  ['planner', 'incident.opened.v1'],
  ['log-agent', 'incident.opened.v1'],
  ['metric-agent', 'incident.opened.v1'],
  ['docker-proxy', 'incident.opened.v1'],
  ['scheduler', 'incident.plan-accepted.v1'],
  ['action-agent', 'incident.task-finished.v1'],
  ['monitor', 'incident.plan-finished.v1'],
  ['auditor', 'incident.plan-accepted.v1'],
  ['injector', 'incident.plan-accepted.v1'],
  ['nats', 'incident.plan-accepted.v1']
]

test.each(moments)(
  'kill -9 of the %s at %s',
  async (service, moment) => {
    // By its process: who is killed by `docker kill` is meant to stay away.
    const before = await bench.pid(service)
    let killed = false
    const rehearsal = await bench.rehearse('process-kill', {
      onFact: ({ type }) => {
        if (type !== moment || killed) return
        killed = true
        process.kill(before, 'SIGKILL')
      }
    })
    expect(killed).toBe(true)
    expect(faultsOf(rehearsal)).toBe('')
    await expect.poll(() => bench.pid(service), { timeout: 20_000 }).not.toBe(before)
    await expect.poll(() => bench.project.states(), { timeout: 40_000 }).toContain(`${service} running healthy`)
  },
  180_000
)

test('after all that the audit log still verifies', async () => {
  await expect.poll(async () => (await verifyLive(bench.session)).ok, { timeout: 20_000 }).toBe(true)
})
