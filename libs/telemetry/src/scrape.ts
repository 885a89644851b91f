import { bodyOf, send } from '@triage/runtime'
import { parseExposition } from './prometheus.ts'
import type { Scrape } from './service-metrics.ts'

/** Reads a Prometheus endpoint once. Null when it does not answer in time with something that can be read. */
export async function scrape(url: string, timeoutMs = 1_000): Promise<Scrape | null> {
  try {
    const answer = await send(url, { signal: AbortSignal.timeout(timeoutMs) })
    const samples = answer.statusCode === 200 ? parseExposition(await bodyOf(answer)) : null
    return samples && { at: Date.now(), samples }
  } catch {
    return null
  }
}
