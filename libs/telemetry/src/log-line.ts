// One line of a log, whoever wrote it: services write JSON, databases and queues write text.
import { checkSchema, type LogLine } from '@triage/contracts'

export type Level = LogLine['level']

export interface ParsedLine {
  /** RFC 3339 with milliseconds: the line's own time-stamp, else when it was captured. */
  at: string
  level: Level
  msg: string
  meta: Record<string, unknown>
}

/** Severity tags of Postgres, NATS, Redis, Node and of the common formats, worst first. A tag stands for itself: `no error` in prose is none. */
const tags: readonly [Level, RegExp][] = [
  ['fatal', /\b(?:FATAL|PANIC|CRITICAL):|\[(?:FTL|FATAL)\]|\blevel=(?:fatal|panic)\b/],
  ['error', /\bERROR:|\[(?:ERR|ERROR)\]|\blevel=error\b|^(?:Uncaught )?(?:[A-Z]\w*)?(?:Error|Exception)(?: \[\w+\])?:/],
  ['warn', /\bWARNING:|\[(?:WRN|WARN|WARNING)\]|\blevel=warn(?:ing)?\b|^\d+:[A-Z] .*? # /],
  ['debug', /\bDEBUG\d?:|\[(?:DBG|TRC|DEBUG)\]|\blevel=(?:debug|trace)\b/]
]

const guessLevel = (text: string): Level => tags.find(([, tag]) => tag.test(text))?.[0] ?? 'info'

function parseJson(raw: string): LogLine | null {
  if (!raw.startsWith('{')) return null
  try {
    const line: unknown = JSON.parse(raw)
    return checkSchema('log-line', line) === null ? (line as LogLine) : null
  } catch {
    return null
  }
}

/**
 * A JSON line of the log-line contract, or any text with its level guessed. Never throws.
 * @param capturedAt when the runtime took the line in; used when the line does not say
 */
export function parseLogLine(raw: string, capturedAt: string): ParsedLine {
  const line = parseJson(raw.trim())
  if (line) return { at: line.ts, level: line.level, msg: line.msg, meta: { ...line.meta } }
  const msg = raw.trim().slice(0, 10_000)
  return { at: capturedAt, level: guessLevel(msg), msg, meta: {} }
}
