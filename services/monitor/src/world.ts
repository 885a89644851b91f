import type { MetricAnomalyObservation, ResourceObservation } from '@triage/contracts'
import type { ConfigDiff, RuntimeReader, Workload } from '@triage/runtime'
import { type ProbeResult, runProbe, Scrapes, type Usual, Vitals } from '@triage/telemetry'
import { type Failing, Streaks } from './streak.ts'

/** The world at one look: desired state, probes and telemetry side by side. */
export interface Look {
  /** Milliseconds since the epoch. */
  startedAt: number
  at: number
  workloads: Workload[]
  failing: Failing[]
  anomalies: (MetricAnomalyObservation | ResourceObservation)[]
}

/** What a probe would find, late, of what does not run: nobody listens, or nobody answers. To wait for that holds up the look at all others. */
const unasked: Partial<Record<Workload['status'], ProbeResult>> = {
  exited: { ok: false, failure: 'refused' },
  absent: { ok: false, failure: 'refused' },
  paused: { ok: false, failure: 'timeout' }
}

/** Looks at every workload: what the runtime says, what its probes say, what its metrics say. */
export class World {
  readonly #runtime: RuntimeReader
  readonly #vitals: Vitals
  readonly #streaks = new Streaks()

  constructor(runtime: RuntimeReader) {
    this.#runtime = runtime
    // Its own scrapes, whatever else looks: what was repaired a moment ago is judged by this moment, and by a second opinion.
    this.#vitals = new Vitals(runtime, new Scrapes(), { withUsage: false })
  }

  get runtime(): RuntimeReader['kind'] {
    return this.#runtime.kind
  }

  /**
   * Throws when the runtime cannot be read: not to know is not to be well.
   * @param usual what is on record as usual, by workload
   */
  async look(usual: ReadonlyMap<string, Usual> = new Map()): Promise<Look> {
    const startedAt = Date.now()
    const workloads = await this.#runtime.list()
    const probes = workloads
      .filter(({ managed }) => managed)
      .flatMap(({ name, status, probes }) => probes.map((probe) => ({ service: name, status, probe })))
    const [results] = await Promise.all([
      Promise.all(probes.map(async ({ status, ...one }) => ({ ...one, result: unasked[status] ?? (await runProbe(one.probe)) }))),
      this.#vitals.look(workloads)
    ])
    this.#streaks.update(results)
    const { observations: anomalies } = await this.#vitals.read({ prefix: 'obs-mo', usual })
    return { startedAt, at: Date.now(), workloads, failing: [...this.#streaks.failing, ...ownChecks(workloads)], anomalies }
  }

  /** Which keys of a workload's configuration differ from the last known good one. */
  configDiff(name: string): Promise<ConfigDiff> {
    return this.#runtime.configDiff(name)
  }
}

/**
 * What the runtime's own health checks find wrong: of workloads that no HTTP probe asks, for such a probe says sooner what a check says
 * late, and a connection that opens says less than either.
 */
const ownChecks = (workloads: readonly Workload[]): Failing[] =>
  workloads.flatMap(({ name, managed, status, probes, health_failure }) => {
    if (!managed || status !== 'running' || !health_failure || probes.some(({ kind }) => kind === 'http')) return []
    const { consecutive, timed_out } = health_failure
    return [{ service: name, probe: { name: 'health' }, result: { ok: false, failure: timed_out ? 'timeout' : 'status' }, consecutive }]
  })
