// The lines of a log to its messages: a stack trace is one of them, whatever number of lines it takes.
import { guessLevel, worst } from './log-level.ts'
import { type ParsedLine, parseLogLine } from './log-line.ts'

interface RawLine {
  /** RFC 3339 with milliseconds. */
  at: string
  line: string
}

/** What belongs to the line before: what is indented, and what traces go on with. */
const goesOn = /^(?:\s+\S|Caused by: |\.\.\. \d+ more|[)}\]]\s*$)/
const trace = /^Traceback \(/
const maxLines = 100
/** Lines of one trace are written at once. */
const maxGapMs = 1_000

/** Oldest first. Empty lines are left out. */
export function parseLog(lines: readonly RawLine[]): ParsedLine[] {
  const messages: RawLine[][] = []
  for (const line of lines) {
    if (line.line.trim() === '') continue
    const open = messages.at(-1)
    if (open && belongs(open, line)) open.push(line)
    else messages.push([line])
  }
  return messages.map(parse)
}

function belongs(open: readonly RawLine[], { at, line }: RawLine): boolean {
  const first = open[0]!
  if (open.length >= maxLines || first.line.startsWith('{') || Date.parse(at) - Date.parse(open.at(-1)!.at) > maxGapMs) return false
  // Python names the error last, without an indent.
  return goesOn.test(line) || (trace.test(first.line) && !open.slice(1).some(({ line }) => /^\S/.test(line)))
}

function parse(lines: readonly RawLine[]): ParsedLine {
  const first = lines[0]!
  const last = lines.at(-1)!
  const named = trace.test(first.line) && /^\S/.test(last.line)
  // What is wrong stands in the first line of a message.
  const headline = parseLogLine(named ? last.line : first.line, first.at)
  if (lines.length === 1) return headline
  const rest = (named ? lines.slice(0, -1) : lines.slice(1)).map(({ line }) => line.trimEnd())
  // Indenting hides no complaint.
  const level = worst(headline.level, ...lines.map(({ line }) => guessLevel(line.trim())))
  return { ...headline, level, msg: [headline.msg, ...rest].join('\n').slice(0, 10_000) }
}
