import type { Probe } from '@triage/contracts'
import { runProbe } from '@triage/telemetry'

const pollMs = 200

async function firstFailure(probes: readonly Probe[]): Promise<string | null> {
  const results = await Promise.all(probes.map(async (probe) => ({ probe, result: await runProbe(probe) })))
  const failed = results.find(({ result }) => !result.ok)
  if (!failed || failed.result.ok) return null
  return `probe ${failed.probe.name} fails: ${failed.result.failure}${failed.result.http_status ? ` ${failed.result.http_status}` : ''}`
}

/** Asks until all probes have passed for `forMs` without a break, at most until `withinMs`. Null when they have, else what fails. */
export async function checkProbes(probes: readonly Probe[], withinMs: number, forMs: number): Promise<string | null> {
  const start = performance.now()
  let since: number | null = null
  for (;;) {
    const wrong = await firstFailure(probes)
    const now = performance.now()
    since = wrong === null ? (since ?? now) : null
    if (since !== null && now - since >= forMs) return null
    if (now - start > withinMs + forMs) return wrong ?? 'the probes passed, but not for long enough'
    await new Promise((resolve) => setTimeout(resolve, pollMs))
  }
}
