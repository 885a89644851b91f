// An export: a line that says what it is, then for each checkpoint its message, the witness's signature if there is one, and its
// entries, each exactly as it was published. A checkpoint comes before its entries, so that the first bad one is known at once.
import { Buffer } from 'node:buffer'
import { closeSync, openSync, readSync } from 'node:fs'
import { TriageError } from '@triage/contracts'
import type { TrustedKeys } from './checkpoint.ts'
import { trustedKeys } from './keys.ts'
import { type AuditVerdict, LogVerifier } from './log-verifier.ts'

export interface ExportHeader {
  triage_audit: 1
  /** Verifier keys of the log and of its witness, as the one who wrote the export knew them. */
  keys: string[]
  /** Signed tree head that the entries come to. */
  head: string
  /** Lines that follow. */
  lines: number
}

export interface FileVerdict extends AuditVerdict {
  /** Whether the keys came from elsewhere. Those that an export carries only show that it is one piece. */
  keysGiven: boolean
}

const chunkBytes = 1024 * 1024
const newline = 10
/** The third byte of `{"log":`. */
const entryLetter = 'l'.charCodeAt(0)
const checkpointStart = Buffer.from('{"checkpoint":')
const cosignedStart = Buffer.from('{"cosigned":')
const startsWith = (line: Buffer, start: Buffer): boolean => start.equals(line.subarray(0, start.length))

/** Lines of a file without their newlines; `whole` is false for what follows the last newline. A line is valid until the next is asked for. */
function* linesOf(path: string): Generator<{ line: Buffer; whole: boolean }> {
  const file = openSync(path, 'r')
  try {
    let buffer = Buffer.allocUnsafe(chunkBytes)
    let filled = 0
    for (;;) {
      if (filled === buffer.length) buffer = Buffer.concat([buffer], 2 * buffer.length)
      const read = readSync(file, buffer, filled, buffer.length - filled, null)
      filled += read
      const here = buffer.subarray(0, filled)
      let start = 0
      for (let end = here.indexOf(newline); end !== -1; end = here.indexOf(newline, start)) {
        yield { line: here.subarray(start, end), whole: true }
        start = end + 1
      }
      buffer.copyWithin(0, start, filled)
      filled -= start
      if (read === 0) break
    }
    if (filled > 0) yield { line: buffer.subarray(0, filled), whole: false }
  } finally {
    closeSync(file)
  }
}

function headerOf(line: Buffer | undefined): ExportHeader | null {
  try {
    const header = JSON.parse(line!.toString()) as ExportHeader
    const { triage_audit, keys, head, lines } = header
    const plain = JSON.stringify({ triage_audit, keys, head, lines })
    return triage_audit === 1 && Array.isArray(keys) && typeof head === 'string' && plain === line!.toString() ? header : null
  } catch {
    return null
  }
}

const cosignedNote = (line: Buffer): string => {
  try {
    const { cosigned } = JSON.parse(line.toString()) as { cosigned: unknown }
    return typeof cosigned === 'string' && JSON.stringify({ cosigned }) === line.toString() ? cosigned : ''
  } catch {
    return ''
  }
}

/** Checks an export. Its own keys are used when none are given; when some are, the export must name the same. Throws E_AUDIT_FILE when it cannot be read. */
export function verifyExport(path: string, given: TrustedKeys | null): FileVerdict {
  try {
    return verifyLines(linesOf(path), given)
  } catch (error) {
    throw (error as NodeJS.ErrnoException).code === undefined || error instanceof TriageError
      ? error
      : new TriageError('E_AUDIT_FILE', `cannot read ${path}: ${(error as Error).message}`, { cause: error })
  }
}

function verifyLines(lines: Generator<{ line: Buffer; whole: boolean }>, given: TrustedKeys | null): FileVerdict {
  const first = lines.next().value
  const header = first?.whole ? headerOf(first.line) : null
  const nothing = (reason: string): FileVerdict => ({
    ok: false,
    entries: 0,
    head: '',
    firstBad: { index: 0, reason },
    keysGiven: given !== null
  })
  if (!header) return nothing('the export does not begin with the line that says what it is')
  let carried: TrustedKeys
  try {
    carried = trustedKeys(header.keys.join('\n'))
  } catch (error) {
    return nothing((error as Error).message)
  }
  const named = [carried.log, carried.witness].map((key) => key?.text).join()
  if (given && named !== [given.log, given.witness].map((key) => key?.text).join())
    return nothing('the export names other keys than those that were given')
  const verifier = new LogVerifier(given ?? carried)
  const reason = verifier.head(header.head) ?? body(lines, header, verifier)
  return { ...verifier.verdict(reason), keysGiven: given !== null }
}

/** Entries come first: almost all lines are. */
function judge(line: Buffer, verifier: LogVerifier): string | null {
  if (line[2] === entryLetter) return verifier.entry(line)
  if (startsWith(line, checkpointStart)) return verifier.checkpoint(line)
  return startsWith(line, cosignedStart) ? verifier.cosigned(cosignedNote(line)) : verifier.entry(line)
}

function body(lines: Generator<{ line: Buffer; whole: boolean }>, header: ExportHeader, verifier: LogVerifier): string | null {
  let count = 0
  for (const { line, whole } of lines) {
    count++
    if (!whole) return 'its line is cut'
    const reason = judge(line, verifier)
    if (reason) return reason
  }
  return (
    verifier.end(header.head) ??
    (count === header.lines ? null : `the export has ${count} lines after the first instead of ${header.lines}`)
  )
}
