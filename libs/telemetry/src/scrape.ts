import { readBody, send } from '@triage/runtime'
import { parseExposition } from './exposition.ts'
import { metricNames } from './metric-names.ts'
import type { Scrape } from './service-metrics.ts'

const maxBytes = 4 * 1024 ** 2
const read = new Set(metricNames)

/** Reads a Prometheus endpoint once. Null when it does not answer in time with something that can be read. */
export async function scrape(url: string, timeoutMs = 1_000): Promise<Scrape | null> {
  try {
    const answer = await send(url, { signal: AbortSignal.timeout(timeoutMs) })
    if (answer.statusCode !== 200) return null
    const samples = parseExposition(String(await readBody(answer, maxBytes)))
    return { at: Date.now(), samples: samples.filter(({ name }) => read.has(name)) }
  } catch {
    return null
  }
}
