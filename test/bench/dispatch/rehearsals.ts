// Real incidents on the mini-cloud, one after the other: where their time goes.
import type { Fact } from '@triage/incident'
import { faultsOf, startBench } from '../../support/swarm.ts'
import { Durations, type Summary, summaries } from '../lib/durations.ts'

const scenario = 'process-kill'
const phaseNames = ['detect', 'plan', 'act', 'verify', 'total'] as const
type Timing = (typeof phaseNames)[number] | 'from_monitor' | 'from_last_collector'

export interface Rehearsals {
  took: Record<Timing, Summary>
  /** The facts of one of them. */
  recording: Fact[]
  faults: string[]
}

/** From what the collectors saw to the first tasks that were handed out, milliseconds, by what the facts say of themselves. */
function dispatching(facts: readonly Fact[]): { from_monitor: number; from_last_collector: number } {
  const end = facts.findIndex(({ type }) => type === 'incident.tasks-dispatched.v1')
  const observed = facts.slice(0, end).filter((fact) => fact.type === 'incident.observed.v1')
  const monitor = observed.find(({ issuer }) => issuer === 'monitor')
  if (end < 0 || !monitor) throw new Error('no task was ever handed out')
  return { from_monitor: facts[end]!.at - monitor.at, from_last_collector: facts[end]!.at - Math.max(...observed.map(({ at }) => at)) }
}

export async function rehearseIncidents(rounds: number, log: (line: string) => void): Promise<Rehearsals> {
  await using bench = await startBench()
  const names: Timing[] = [...phaseNames, 'from_monitor', 'from_last_collector']
  const took = Object.fromEntries(names.map((name) => [name, new Durations()])) as Record<Timing, Durations>
  const faults: string[] = []
  let recording: Fact[] = []
  for (let seed = 0; seed < rounds; seed++) {
    const rehearsal = await bench.rehearse(scenario, { seed })
    const timings: Record<Timing, number> = { ...rehearsal.phases, ...dispatching(rehearsal.facts) }
    for (const name of names) took[name].add(timings[name])
    if (!rehearsal.succeeded) faults.push(`${scenario}, seed ${seed}: ${faultsOf(rehearsal)}`)
    recording = rehearsal.facts
    log(`incident ${seed + 1} of ${rounds}: ${rehearsal.state.end?.kind} after ${Math.round(timings.total)} ms`)
  }
  return { took: summaries(took), recording, faults }
}
