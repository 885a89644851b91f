// One line of a log, whoever wrote it: services write JSON, databases and queues write text.
import { checkSchema, type LogLine } from '@triage/contracts'
import { guessLevel, type Level, levelOf } from './log-level.ts'

export interface ParsedLine {
  /** RFC 3339 with milliseconds: the line's own time-stamp, else when it was captured. */
  at: string
  level: Level
  msg: string
  meta: Record<string, unknown>
}

/** A line whose own time is further than this from when it was captured has a wrong clock, or another time zone. */
const skewMs = 5_000
const maxChars = 10_000

function parseObject(raw: string): Record<string, unknown> | null {
  if (!raw.startsWith('{')) return null
  try {
    return JSON.parse(raw) as Record<string, unknown>
  } catch {
    return null
  }
}

/** What other loggers call the message and the level. Of their other fields nothing is read. */
function foreign(line: Record<string, unknown>): Pick<ParsedLine, 'level' | 'msg'> | null {
  const msg = [line.msg, line.message, line.event, line.log].find((text) => typeof text === 'string')
  return msg === undefined
    ? null
    : { level: levelOf(line.level ?? line.severity ?? line.levelname ?? line.lvl), msg: msg.slice(0, maxChars) }
}

/**
 * A line of the log-line contract, another logger's JSON, or any text with its level guessed. Never throws.
 * @param capturedAt when the runtime took the line in; used when the line does not say, or says something else
 */
export function parseLogLine(raw: string, capturedAt: string): ParsedLine {
  const text = raw.trim()
  const object = parseObject(text)
  if (object && checkSchema('log-line', object) === null) {
    const { ts, level, msg, meta } = object as unknown as LogLine
    const at = Math.abs(Date.parse(ts) - Date.parse(capturedAt)) <= skewMs ? ts : capturedAt
    return { at, level, msg, meta: { ...meta } }
  }
  const other = object && foreign(object)
  if (other) return { at: capturedAt, ...other, meta: {} }
  const msg = text.slice(0, maxChars)
  return { at: capturedAt, level: guessLevel(msg), msg, meta: {} }
}
