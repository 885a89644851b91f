// How severe a line of text is, by the tags that databases, servers and loggers put in it.
import type { LogLine } from '@triage/contracts'

export type Level = LogLine['level']

/** What may stand before a bare tag: times, numbers, capitals, and words in brackets, as of a thread. */
const lead = String.raw`^(?:[^a-z[]|\[[^\]]{0,40}\]){0,80}?`
/** `2026-01-01 12:00:00,000 - my.module - `, as Python's loggers are often told to write. */
const named = String.raw`^[\d-]{8,10}[ T][\d:,.]{8,15} - [\w.]{1,60} - `
const tag = (...words: string[]): string => `(?:(?:${lead}|${named})(?<![\\w/])(?:${words.join('|')})(?![\\w/]))`
const thrown = String.raw`^(?:Exception in thread "[^"]{0,100}" |Uncaught |Caused by: )?(?:[a-z_$][\w$]{0,60}\.){0,10}(?:[A-Z]\w{0,60})?(?:Error|Exception)(?: \[\w+\])?(?::|$)`

/** Worst first. A tag stands for itself: `no error` in prose is none. */
const tags: readonly [Level, RegExp][] = [
  [
    'fatal',
    new RegExp(
      String.raw`\b(?:FATAL|PANIC|CRITICAL):|\[(?:FTL|FATAL|emerg|alert|crit)\]|\blevel="?(?:fatal|panic|critical)\b|^(?:panic|fatal error): |^F\d{4} |${tag('FATAL', 'CRITICAL', 'PANIC')}`
    )
  ],
  [
    'error',
    new RegExp(
      String.raw`\bERROR:|\[(?:ERR|ERROR|error|err)\]|\blevel="?err(?:or)?\b|^Traceback \(|^E\d{4} |${thrown}|${tag('ERROR', 'SEVERE')}`
    )
  ],
  [
    'warn',
    new RegExp(
      String.raw`\bWARNING:|\[(?:WRN|WARN|WARNING|warn|warning)\]|\blevel="?warn(?:ing)?\b|^W\d{4} |^\d+:[A-Z] .*? # |${tag('WARN', 'WARNING')}`
    )
  ],
  ['debug', new RegExp(String.raw`\bDEBUG\d?:|\[(?:DBG|TRC|DEBUG|debug)\]|\blevel="?(?:debug|trace)\b|${tag('DEBUG', 'TRACE')}`)]
]

/** Severity stands at the beginning of a line: no more is looked at. */
const seenChars = 300

export const guessLevel = (text: string): Level => {
  const head = text.slice(0, seenChars)
  return tags.find(([, pattern]) => pattern.test(head))?.[0] ?? 'info'
}

const names = new Map<string, Level>(
  Object.entries({
    emerg: 'fatal',
    emergency: 'fatal',
    alert: 'fatal',
    crit: 'fatal',
    critical: 'fatal',
    panic: 'fatal',
    fatal: 'fatal',
    severe: 'error',
    err: 'error',
    error: 'error',
    warn: 'warn',
    warning: 'warn',
    debug: 'debug',
    trace: 'debug'
  })
)

/** What a structured line says of its level: a name, or a number as pino and bunyan write them. */
export function levelOf(level: unknown): Level {
  if (typeof level === 'string') return names.get(level.toLowerCase()) ?? 'info'
  if (typeof level !== 'number') return 'info'
  return level >= 60 ? 'fatal' : level >= 50 ? 'error' : level >= 40 ? 'warn' : level >= 30 ? 'info' : 'debug'
}

export const severity: Readonly<Record<Level, number>> = { debug: 0, info: 1, warn: 2, error: 3, fatal: 4 }
export const worst = (...levels: Level[]): Level => levels.reduce((a, b) => (severity[b] > severity[a] ? b : a))
