export interface Sample {
  /** When the request ended, on the monotonic clock, in milliseconds. */
  at: number
  ms: number
  /** Null when it went well. */
  error: string | null
}

/** What users experienced in the last `window_s` seconds. */
export interface LoadStats {
  window_s: number
  requests: number
  errors: number
  /** 0 when there were no requests. */
  error_ratio: number
  /** Null when there were no requests. */
  p50_ms: number | null
  p95_ms: number | null
  last_error: string | null
}

const maxSamples = 10_000

/** The last requests of the load generator, and what they say of a window of time. */
export class LoadWindow {
  readonly #samples: Sample[] = []

  add(sample: Sample): void {
    this.#samples.push(sample)
    if (this.#samples.length > maxSamples) this.#samples.splice(0, maxSamples / 10)
  }

  /** Of the samples that ended in the `window_s` seconds before `now`. */
  stats(window_s: number, now: number): LoadStats {
    const samples = this.#samples.filter((sample) => sample.at > now - window_s * 1000)
    const errors = samples.filter((sample) => sample.error !== null)
    const times = samples.map((sample) => sample.ms).sort((a, b) => a - b)
    // Nearest rank: the smallest time that at least this share of the requests did not exceed.
    const percentile = (share: number) => times[Math.ceil(share * times.length) - 1] ?? null
    return {
      window_s,
      requests: samples.length,
      errors: errors.length,
      error_ratio: samples.length === 0 ? 0 : errors.length / samples.length,
      p50_ms: percentile(0.5),
      p95_ms: percentile(0.95),
      last_error: errors.at(-1)?.error ?? null
    }
  }
}
