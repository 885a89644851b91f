import { createHistogram } from 'node:perf_hooks'

/** Milliseconds. */
export interface Summary {
  samples: number
  mean: number
  p50: number
  p90: number
  p99: number
  max: number
}

/** Durations of one thing that was done again and again, kept with four significant figures. */
export class Durations {
  readonly #nanoseconds = createHistogram({ figures: 4 })

  /** @param ms 0 counts as one nanosecond, the shortest that is kept */
  add(ms: number): void {
    this.#nanoseconds.record(Math.max(1, Math.round(ms * 1e6)))
  }

  get summary(): Summary {
    const { count, mean, max } = this.#nanoseconds
    const at = (percentile: number): number => this.#nanoseconds.percentile(percentile) / 1e6
    return { samples: count, mean: mean / 1e6, p50: at(50), p90: at(90), p99: at(99), max: max / 1e6 }
  }
}

/** Summaries of several kinds of durations, by their names. */
export const summaries = <N extends string>(durations: Record<N, Durations>): Record<N, Summary> =>
  Object.fromEntries(Object.entries<Durations>(durations).map(([name, { summary }]) => [name, summary])) as Record<N, Summary>

/**
 * Times several operations in turn, `rounds` times each: what disturbs the machine disturbs all of them alike. A tenth of the
 * rounds comes before that and does not count; it lets the compiler do its work.
 */
export async function timeInTurn<N extends string>(
  rounds: number,
  operations: Record<N, (round: number) => void | Promise<void>>
): Promise<Record<N, Summary>> {
  const names = Object.keys(operations) as N[]
  const durations = Object.fromEntries(names.map((name) => [name, new Durations()])) as Record<N, Durations>
  const warmUp = Math.ceil(rounds / 10)
  for (let round = 0; round < warmUp + rounds; round++) {
    for (const name of names) {
      const began = performance.now()
      const pending = operations[name](round)
      // Awaiting what has already happened would be most of the time of a fast operation.
      if (pending) await pending
      if (round >= warmUp) durations[name].add(performance.now() - began)
    }
  }
  return summaries(durations)
}
