import type { Probe } from '@triage/contracts'
import type { ProbeResult } from '@triage/telemetry'

/** A probe that fails, and for how many looks in a row. */
export interface Failing {
  service: string
  probe: Pick<Probe, 'name'>
  result: Exclude<ProbeResult, { ok: true }>
  consecutive: number
}

/** Counts how often each probe failed in a row. */
export class Streaks {
  #failing = new Map<string, Failing>()

  /** Takes the results of one look at everything. */
  update(results: readonly { service: string; probe: Probe; result: ProbeResult }[]): void {
    const next = new Map<string, Failing>()
    for (const { service, probe, result } of results) {
      if (result.ok) continue
      const key = `${service} ${probe.name}`
      next.set(key, { service, probe, result, consecutive: (this.#failing.get(key)?.consecutive ?? 0) + 1 })
    }
    this.#failing = next
  }

  get failing(): Failing[] {
    return [...this.#failing.values()]
  }
}
