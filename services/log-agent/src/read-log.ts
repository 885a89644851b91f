import type { RuntimeReader } from '@triage/runtime'
import { type ParsedLine, parseLog } from '@triage/telemetry'

const maxBytes = 1024 ** 2
/** A line may be so long: when no more than this is left of the bytes, the next one may have been left out. */
const maxLineBytes = 64 * 1024
const maxLines = 5000

export interface ReadLog {
  name: string
  /** Oldest first. */
  lines: ParsedLine[]
  /** RFC 3339: lines before it were not read, if there were any; null: all were. */
  cutAt: string | null
}

/** The newest lines of a workload, a megabyte and five thousand at most. @param since epoch milliseconds */
export async function readLog(runtime: RuntimeReader, name: string, since: number): Promise<ReadLog> {
  const raw = await runtime.logs(name, { since: new Date(since), tail: maxLines, max_bytes: maxBytes })
  const bytes = raw.reduce((sum, { line }) => sum + Buffer.byteLength(line), 0)
  const cut = raw.length >= maxLines || bytes > maxBytes - maxLineBytes
  return { name, lines: parseLog(raw), cutAt: cut ? raw[0]!.at : null }
}

/** How far the runtime's clock is ahead of ours, in milliseconds; 0 when it does not tell. */
export async function skewOf(runtime: RuntimeReader): Promise<number> {
  const asked = Date.now()
  const at = await runtime.clock().catch(() => asked)
  // It was some time between the question and the answer.
  return Math.min(0, at - asked) + Math.max(0, at - Date.now())
}
