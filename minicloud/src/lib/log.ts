import type { LogLine } from '@triage/contracts'
import { errorCode, errorText } from './error-text.ts'

type Meta = Record<string, unknown>

export type Logger = Record<LogLine['level'], (msg: string, meta?: Meta) => void> & {
  /** `<what>: <error's text>`, with the error's code or name in meta. */
  failure(level: 'warn' | 'error' | 'fatal', what: string, error: unknown, meta?: Meta): void
}

/** Writes JSON lines of the log-line schema to stdout. */
export function logger(service: string): Logger {
  const at = (level: LogLine['level']) => (msg: string, meta?: Meta) => {
    const line: LogLine = { ts: new Date().toISOString(), level, service, msg: msg.slice(0, 10_000), ...(meta && { meta }) }
    process.stdout.write(`${JSON.stringify(line)}\n`)
  }
  const levels = { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error'), fatal: at('fatal') }
  return {
    ...levels,
    failure: (level, what, error, meta) => levels[level](`${what}: ${errorText(error)}`, { error: errorCode(error), ...meta })
  }
}
