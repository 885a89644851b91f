import { type LogsQueryArgs, TriageError } from '@triage/contracts'
import { type ParsedLine, severity } from '@triage/telemetry'
import { RE2JS } from 're2js'

/** No line is searched beyond this. */
const searchedChars = 2_000

/** Takes the time of the line's length, whatever the expression: whoever planned it may not mean well. Throws E_TASK_PATTERN. */
function compile(pattern: string): RE2JS {
  try {
    return RE2JS.compile(pattern)
  } catch (error) {
    throw new TriageError('E_TASK_PATTERN', `not a regular expression of RE2: ${(error as Error).message.slice(0, 200)}`, { cause: error })
  }
}

/** Which lines a query asks for. */
export function selection({ level = 'warn', contains, matches }: LogsQueryArgs): (line: ParsedLine) => boolean {
  const pattern = matches === undefined ? null : compile(matches)
  return ({ level: found, msg }) =>
    severity[found] >= severity[level] &&
    (contains === undefined || msg.includes(contains)) &&
    (pattern === null || pattern.matcher(msg.slice(0, searchedChars)).find())
}
