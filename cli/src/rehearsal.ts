// One rehearsed incident on a running swarm: inject, wait until users notice, report as a person would, follow to the end,
// judge with an oracle that shares nothing with the swarm.
import { TriageError } from '@triage/contracts'
import { type Fact, type IncidentState, type Phases, phases } from '@triage/incident'
import { readOperations } from '@triage/runtime'
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
const endMs = 120_000

export interface Rehearsal extends Story {
  checks: Check[]
  succeeded: boolean
  phases: Phases
  /** From the fault to the moment users noticed, milliseconds; 0 without a fault. */
  impactMs: number
}

export interface RehearsalOptions {
  scenario: Scenario
  seed: number
  signal: AbortSignal
  /** Told what the harness does. */
  log: (line: string) => void
  /** Told each fact of the incident as it is said. */
  onFact: (fact: Fact) => void
}

const isEnd = (fact: Fact): boolean => ['incident.recovered.v1', 'incident.escalated.v1', 'incident.cancelled.v1'].includes(fact.type)

/** Whatever comes of it, the fault is taken back. */
export async function rehearse(swarm: Swarm, session: Session, options: RehearsalOptions): Promise<Rehearsal> {
  try {
    return await perform(swarm, session, options)
  } finally {
    if (options.scenario.fault) await askInjector(session, { command: 'undo' })
  }
}

async function perform(swarm: Swarm, session: Session, options: RehearsalOptions): Promise<Rehearsal> {
  const { scenario, seed, log } = options
  const { host } = swarm.patient
  const before = host.list()
  const impact = scenario.fault ? await hurt(swarm, session, options) : 0
  const operationsBefore = readOperations(swarm.run).length
  const text = scenario.reports[seed % scenario.reports.length]!
  log(`reported, as nats pub would: “${text}”`)
  const story = await followReport(session, text, options)
  const stats = await loadStats(swarm.patient.loadgenUrl, 3)
  const hypothesis = story.state.plans.at(-1)?.plan.hypothesis ?? null
  const checks = await judge(scenario, {
    outcome: story.state.end?.kind ?? 'open',
    hypothesis,
    before,
    after: host.list(),
    operations: readOperations(swarm.run)
      .slice(operationsBefore)
      .filter(({ by, op }) => by === 'writer' && !(op === 'exec' && isRead(story.state))),
    errorRatio: stats?.error_ratio ?? null,
    probesPass: async (name) => (await Promise.all(host.inspect(name).probes.map((probe) => runProbe(probe)))).every(({ ok }) => ok),
    served: async (path) => (await fetch(`${swarm.patient.storefrontUrl}${path}`)).ok
  })
  return { ...story, checks, succeeded: checks.every(({ ok }) => ok), phases: phases(story.facts), impactMs: impact }
}

/** Reading a cache's key is no operation on the world; only a plan that deletes one runs commands that change it. */
const isRead = (state: IncidentState): boolean =>
  !state.plans.some(({ plan }) => plan.tasks.some(({ type }) => type === 'cache.delete_key'))

async function hurt(swarm: Swarm, session: Session, { scenario, seed, signal, log }: RehearsalOptions): Promise<number> {
  const { name, target } = scenario.fault!
  const started = performance.now()
  await askInjector(session, { command: 'inject', fault: name, target, seed })
  log(`injected ${name} on ${target}; the swarm is not told`)
  for (let since: number | null = null; ; ) {
    signal.throwIfAborted()
    const stats = await loadStats(swarm.patient.loadgenUrl, 2)
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

async function followReport(session: Session, text: string, { signal, onFact }: RehearsalOptions): Promise<Story> {
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
