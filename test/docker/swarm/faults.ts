// Each fault on the real containers, repaired by the swarm in containers, judged by an oracle that shares nothing with it.
import { loadScenarios } from '@triage/scenarios'
import { expect, test } from 'vitest'
import { faultsOf } from '../../support/swarm.ts'
import { bench } from '../shared.ts'

const scenarios = (await loadScenarios()).filter(({ runtimes }) => runtimes.includes('docker'))

test.each(scenarios)(
  '$name ends as it should, and nothing else is touched',
  async ({ name, fault }) => {
    const rehearsal = await bench.rehearse(name)
    console.log(name, JSON.stringify({ noticed_ms: rehearsal.impactMs, ...rehearsal.phases, rounds: rehearsal.state.plans.length }))
    expect(faultsOf(rehearsal)).toBe('')
    if (!fault) expect(rehearsal.state.end).toMatchObject({ kind: 'cancelled', reason: 'no_fault_found' })
  },
  180_000
)
