// One rehearsed incident on a running swarm: inject, wait until users notice, report as a person would, follow to the end,
// judge with an oracle that shares nothing with the swarm.
import { TriageError } from '@triage/contracts'
import { type Fact, type IncidentState, type Phases, phases } from '@triage/incident'
import { type OpRecord, readOperations, type Workload } from '@triage/runtime'
import { type Check, judge, type Scenario } from '@triage/scenarios'
import { runProbe } from '@triage/telemetry'
import { askInjector } from './commands/inject.ts'
import { loadStats } from './launcher/practice-shop.ts'
import type { Swarm } from './launcher/swarm.ts'
import type { Session, Story } from './session.ts'

/** Users must notice a fault within this time, or it is no fault. */
const impactMs = 20_000
/** Nobody reports what is over in a moment, and a busy machine has such moments. */
const persistMs = 1_000
const usualEndMs = 120_000

export interface Rehearsal extends Story {
  checks: Check[]
  succeeded: boolean
  /** What the swarm did to the world from the report to the end, oldest first. */
  operations: OpRecord[]
  phases: Phases
  /** From the fault to the moment users noticed, milliseconds; 0 without a fault. */
  impactMs: number
}

/** What is hurt and repaired, as the harness sees it, past the swarm. */
export interface World {
  workloads(): Promise<Workload[]>
  /** What was done to it so far, oldest first. */
  operations(): Promise<OpRecord[]>
  loadgenUrl: string
  storefrontUrl: string
}

interface RehearsalOptions {
  scenario: Scenario
  seed: number
  signal: AbortSignal
  /** How long the incident may take, milliseconds; two minutes unless told. */
  endMs?: number
  /** Told what the harness does. */
  log: (line: string) => void
  /** Told each fact of the incident as it is said. */
  onFact: (fact: Fact) => void
}

const isEnd = (fact: Fact): boolean => ['incident.recovered.v1', 'incident.escalated.v1', 'incident.cancelled.v1'].includes(fact.type)

/** The mini-cloud of a launcher. */
export const worldOf = ({ patient: { host, loadgenUrl, storefrontUrl }, run }: Swarm): World => ({
  workloads: async () => host.list(),
  operations: async () => readOperations(run),
  loadgenUrl,
  storefrontUrl
})

/** Whatever comes of it, the fault is taken back. */
export async function rehearse(world: World, session: Session, options: RehearsalOptions): Promise<Rehearsal> {
  try {
    return await perform(world, session, options)
  } finally {
    if (options.scenario.fault) await askInjector(session, { command: 'undo' })
  }
}

async function perform(world: World, session: Session, options: RehearsalOptions): Promise<Rehearsal> {
  const { scenario, seed, log } = options
  const before = await world.workloads()
  const impact = scenario.fault ? await hurt(world, session, options) : 0
  const operationsBefore = (await world.operations()).length
  const text = scenario.reports[seed % scenario.reports.length]!
  log(`reported, as nats pub would: “${text}”`)
  const story = await followReport(session, text, options)
  const stats = await loadStats(world.loadgenUrl, 3)
  const [after, all] = await Promise.all([world.workloads(), world.operations()])
  const operations = all.slice(operationsBefore).filter(({ by, op }) => by === 'writer' && !(op === 'exec' && isRead(story.state)))
  const hypothesis = story.state.plans.at(-1)?.plan.hypothesis ?? null
  const checks = await judge(scenario, {
    outcome: story.state.end?.kind ?? 'open',
    hypothesis,
    before,
    after,
    operations,
    errorRatio: stats?.error_ratio ?? null,
    probesPass: (name) => probesPass(after, name),
    served: async (path) => (await fetch(`${world.storefrontUrl}${path}`)).ok
  })
  return { ...story, checks, succeeded: checks.every(({ ok }) => ok), operations, phases: phases(story.facts), impactMs: impact }
}

/** Reading a cache's key is no operation on the world; only a plan that deletes one runs commands that change it. */
const isRead = (state: IncidentState): boolean =>
  !state.plans.some(({ plan }) => plan.tasks.some(({ type }) => type === 'cache.delete_key'))

async function probesPass(workloads: readonly Workload[], name: string): Promise<boolean> {
  const probes = workloads.find((workload) => workload.name === name)!.probes
  return (await Promise.all(probes.map((probe) => runProbe(probe)))).every(({ ok }) => ok)
}

async function hurt(world: World, session: Session, { scenario, seed, signal, log }: RehearsalOptions): Promise<number> {
  const { name, target } = scenario.fault!
  const started = performance.now()
  await askInjector(session, { command: 'inject', fault: name, target, seed })
  log(`injected ${name} on ${target}; the swarm is not told`)
  for (let since: number | null = null; ; ) {
    signal.throwIfAborted()
    const stats = await loadStats(world.loadgenUrl, 2)
    const noticed = stats && (stats.error_ratio >= 0.05 || (stats.p95_ms ?? 0) >= 1_000)
    const passed = performance.now() - started
    since = noticed ? (since ?? passed) : null
    if (stats && since !== null && passed - since >= persistMs) {
      log(`users notice after ${(passed / 1000).toFixed(1)} s: ${(stats.error_ratio * 100).toFixed(0)}% errors, p95 ${stats.p95_ms} ms`)
      return passed
    }
    if (passed > impactMs) throw new TriageError('E_SCENARIO', `${name} on ${target} did not show to users in ${impactMs / 1000} s`)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

async function followReport(session: Session, text: string, { signal, onFact, endMs = usualEndMs }: RehearsalOptions): Promise<Story> {
  const { lastSeq } = await session.bus.size('INCIDENTS')
  let id: string | null = null
  const follow = session.until(
    (fact) => {
      if (fact.type === 'incident.opened.v1' && fact.payload.report.text === text) id = fact.incident_id
      if (fact.incident_id !== id) return false
      onFact(fact)
      return isEnd(fact)
    },
    { from: lastSeq + 1, timeoutMs: endMs, signal }
  )
  await session.report(text)
  await follow
  signal.throwIfAborted()
  return session.story(id!)
}
