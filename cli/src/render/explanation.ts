import type { TriageError } from '@triage/contracts'
import { type Explanation, explainError } from '@triage/explain'
import { printable, style } from './style.ts'

/** What, why and fixes, the likeliest first. */
export const explanationText = ({ what, why, fixes }: Explanation): string =>
  printable([style.title(what), why, '', ...fixes.map((fix) => `  ${style.accent('→')} ${fix}`)].join('\n'))

/** What helps against an error of a container engine, in a line; null when nothing is known beyond what the catalogue says. */
export function hintOf({ code, cause }: TriageError): string | null {
  const known = code.split('_')[1] === 'RUNTIME' && cause !== undefined ? explainError(cause) : null
  return known && `${known.why} ${known.fixes[0]}`
}
