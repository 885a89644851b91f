// Structured logs: JSON lines on standard output, with the trace that a message belongs to and without what looks like a secret.
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

/** Fields that tie a line to its trace: the parts of a W3C traceparent. */
export function traceFields(traceparent: string): { trace_id: string; span_id: string } {
  const [, trace_id = '', span_id = ''] = traceparent.split('-')
  return { trace_id, span_id }
}
