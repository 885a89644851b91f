// Structured logs: JSON lines on standard output, without what looks like a secret.
import { redact } from '@triage/redact'
import { type Logger, pino } from 'pino'

export type { Logger }

/** @param role who logs; @param level least level that is written */
export function createLog(role: string, instance: string, level: string): Logger {
  return pino({
    level,
    base: { role, instance },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    hooks: { streamWrite: redact }
  })
}
