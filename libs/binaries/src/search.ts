// Tries sources in order until one has a program that is new enough. The only place that decides about failures.
import { TriageError } from '@triage/contracts'
import { type Found, type Program, versionOf } from './program.ts'
import type { Env } from './run.ts'
import { compareVersions, isAtLeast } from './version.ts'

/** One place where a program may come from. */
export interface Source {
  /** As people know it; it is named in the result and in the final error. */
  name: string
  /** What is told before it is tried, where it may take long: "downloading …". */
  announce?: string
  /** It is given up after this many milliseconds. */
  limit_ms: number
  /** The path of the program. Throws an Error that says why there is none; ends soon after the signal aborts. */
  find(signal: AbortSignal): Promise<string>
}

export interface SearchOptions {
  env: Env
  /** Takes one line of progress, for people. */
  log: (line: string) => void
  /** Ends the search: its reason is thrown. */
  signal?: AbortSignal
}

/** After its signal aborts, a source has this long to clean up. */
const grace_ms = 1000

/** The first program that is new enough, else the newest that is accepted, else the program's error with each source and why not. */
export async function search(program: Program, sources: readonly Source[], { env, log, signal }: SearchOptions): Promise<Found> {
  const older: Found[] = []
  const reasons: string[] = []
  const giveUpOn = (source: Source, reason: string) => {
    reasons.push(`${source.name}: ${reason}`)
    if (source.announce) log(`${program.name}: ${source.name}: ${reason}`)
  }
  for (const source of sources) {
    signal?.throwIfAborted()
    if (source.announce) log(`${program.name}: ${source.announce}`)
    try {
      const path = await bounded(source, signal)
      const found = { path, version: await versionOf(program, path, env, signal), source: source.name }
      if (isAtLeast(found.version, program.wanted)) return found
      if (isAtLeast(found.version, program.accepted)) older.push(found)
      giveUpOn(source, `${path} is ${found.version}, older than ${program.wanted}`)
    } catch (error) {
      signal?.throwIfAborted()
      giveUpOn(source, error instanceof Error ? error.message : String(error))
    }
  }
  const lastResort = older.toSorted((a, b) => compareVersions(b.version, a.version))[0]
  if (lastResort) return lastResort
  throw new TriageError(program.code, [`No ${program.name} was found:`, ...reasons.map((reason) => `  ${reason}`)].join('\n'))
}

/** `source.find`, ended by its limit or the signal: asked first, then, after the grace, left behind. */
async function bounded(source: Source, signal?: AbortSignal): Promise<string> {
  const limit = AbortSignal.timeout(source.limit_ms)
  const ended = AbortSignal.any(signal ? [limit, signal] : [limit])
  const leftBehind = Promise.withResolvers<never>()
  let timer: NodeJS.Timeout | undefined
  const leaveBehind = () => {
    timer = setTimeout(() => leftBehind.reject(ended.reason), grace_ms)
  }
  ended.addEventListener('abort', leaveBehind)
  try {
    return await Promise.race([source.find(ended), leftBehind.promise])
  } catch (error) {
    throw limit.aborted ? new Error(`gave up after ${source.limit_ms / 1000} s`, { cause: error }) : error
  } finally {
    ended.removeEventListener('abort', leaveBehind)
    clearTimeout(timer)
  }
}
