// Any container of the swarm may die at any instant, in the middle of an incident that still ends well; also two of them in one incident.
import { verifyLive } from '@triage/cli/audit'
import type { Fact } from '@triage/incident'
import { expect, test } from 'vitest'
import { faultsOf } from '../../support/swarm.ts'
import { bench } from '../shared.ts'

const opened = 'incident.opened.v1'
const accepted = 'incident.plan-accepted.v1'
/** Who is killed in an incident, and after which fact: at the moment when it has most to lose. */
const incidents: Record<string, Fact['type']>[] = [
  { gateway: opened, auditor: accepted },
  { planner: opened, injector: accepted },
  { 'log-agent': opened, scheduler: accepted },
  { 'metric-agent': opened, 'action-agent': 'incident.task-finished.v1' },
  { 'docker-proxy': opened, monitor: 'incident.plan-finished.v1' },
  { nats: accepted }
]

test.each(
  incidents.map((deaths) => ({
    deaths,
    title: Object.entries(deaths)
      .map((death) => death.join(' at '))
      .join(', ')
  }))
)(
  'kill -9 of $title',
  async ({ deaths }) => {
    const services = Object.keys(deaths)
    // By its process: who is killed by `docker kill` is meant to stay away.
    const before = new Map(await Promise.all(services.map(async (service) => [service, await bench.pid(service)] as const)))
    const killed = new Set<string>()
    const rehearsal = await bench.rehearse('process-kill', {
      onFact: ({ type }) => {
        for (const service of services.filter((each) => deaths[each] === type && !killed.has(each))) {
          killed.add(service)
          process.kill(before.get(service)!, 'SIGKILL')
        }
      }
    })
    expect([...killed].sort()).toEqual(services.sort())
    expect(faultsOf(rehearsal)).toBe('')
    for (const [service, pid] of before) {
      await expect.poll(() => bench.pid(service), { timeout: 20_000 }).not.toBe(pid)
      await expect.poll(() => bench.project.states(), { timeout: 40_000 }).toContain(`${service} running healthy`)
    }
  },
  180_000
)

test('after all that the audit log still verifies', async () => {
  await expect.poll(async () => (await verifyLive(bench.session)).ok, { timeout: 20_000 }).toBe(true)
})
