// Nobody reports: a real Prometheus notices, a real Alertmanager tells, the swarm repairs, the alerts end.
import { until } from '@triage/bus/testing'
import { firing, phases } from '@triage/incident'
import { expect, test } from 'vitest'
import { bench } from '../shared.ts'

const faults = [
  { name: 'catalog is killed', fault: 'kill', service: 'catalog', told: /^(TargetDown of catalog)$/ },
  { name: 'orders hangs', fault: 'pause', service: 'orders', told: /^(TargetDown of orders)$/ },
  { name: 'the cache is killed', fault: 'kill', service: 'redis', told: /^(DependencyDown of catalog)$/ },
  { name: 'the database is killed', fault: 'kill', service: 'postgres', told: /^(DependencyDown|HighErrorRatio) of orders$/ },
  { name: 'the queue is killed', fault: 'kill', service: 'queue', told: /^(DependencyDown|HighErrorRatio) of orders$/ }
]

test.each(faults)(
  '$name: it is told within 15 s and repaired as one incident, which ends when its alerts have',
  async ({ name, fault, service, told }) => {
    // An alert would join an incident that is still open, and rightly so.
    await until(
      'no open incident',
      async () => [...(await bench.session.stories()).values()].every(({ state }) => state.end ?? state.rejected),
      90_000
    )
    const before = new Set((await bench.session.stories()).keys())
    // Word of an end whose beginning nobody told is put on record, and no incident.
    const fresh = async () => [...(await bench.session.stories()).values()].filter(({ state }) => state.report && !before.has(state.id))
    const began = performance.now()
    await bench.project.compose(fault, service)
    await until('the alert', async () =>
      (await fresh()).some(({ state }) => Object.values(state.alerts).some((alert) => told.test(`${alert.name} of ${alert.service}`)))
    )
    const toldMs = Math.round(performance.now() - began)
    const { state, facts } = await until('the end', async () => (await fresh()).find(({ state }) => state.end), 90_000)
    const took = Math.round(performance.now() - began)
    console.log(`${name}: told after ${toldMs} ms, ended after ${took} ms`, JSON.stringify(phases(facts)))
    expect(state.end).toMatchObject({ kind: 'recovered' })
    expect(firing(state.alerts)).toEqual([])
    expect(await fresh()).toHaveLength(1)
    expect(toldMs).toBeLessThan(15_000)
    expect(await bench.runtime.inspect(service)).toMatchObject({ status: 'running' })
    await until('users to be served', async () => (await bench.stats()).error_ratio === 0)
  },
  180_000
)
