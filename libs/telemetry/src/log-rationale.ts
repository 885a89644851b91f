// Why an answer says what it says, in a sentence.
import type { LogTemplateObservation } from '@triage/contracts'

interface LogReading {
  /** Lines that were asked for, and lines that were read. */
  matched: number
  read: number
  /** Epoch milliseconds: what came before is the baseline. */
  windowStart: number
  /** RFC 3339: older lines were there, or may have been, and were not read. Null: all that were asked for were. */
  cutAt: string | null
}

const clock = (time: number): string => new Date(time).toISOString().slice(11, 19)
const brief = (template: string): string => (template.length > 120 ? `${template.slice(0, 119)}…` : template)
const named = 2

export const cutNote = (cutAt: string): string => `lines before ${clock(Date.parse(cutAt))} were not read`

/** `new since 12:01:04: …; 14 times as often as before: …; 3 of 812 lines`. */
export function logRationale(observations: readonly LogTemplateObservation[], { matched, read, windowStart, cutAt }: LogReading): string {
  const fresh = observations.filter(({ attributes }) => attributes.new).slice(0, named)
  const risen = observations.filter(({ attributes }) => !attributes.new).slice(0, named)
  const told = fresh.length + risen.length
  return [
    ...fresh.map(({ attributes }) => `new since ${clock(windowStart)}: ${brief(attributes.template)}`),
    ...risen.map(({ attributes }) => `${(attributes.rate_ratio ?? 0).toFixed(0)} times as often as before: ${brief(attributes.template)}`),
    ...(told < observations.length ? [`${observations.length - told} more`] : []),
    ...(observations.length === 0 ? ['nothing is new or more frequent'] : []),
    `${matched} of ${read} lines`,
    ...(cutAt === null ? [] : [cutNote(cutAt)])
  ].join('; ')
}
