// Runs a program to its end. No shell, no standard input.
import { execFile } from 'node:child_process'
import { basename } from 'node:path'
import { promisify } from 'node:util'

const exec = promisify(execFile)

export type Env = Readonly<Record<string, string | undefined>>

export interface RunOptions {
  env: Env
  cwd?: string
  /** Ends the program when it aborts. */
  signal?: AbortSignal
  /** Ends the program after this many milliseconds. */
  limit_ms?: number
}

/** What it printed on standard output. Throws an Error with what its standard error says if it fails or is ended. */
export async function run(file: string, args: readonly string[], { env, cwd, signal, limit_ms }: RunOptions): Promise<string> {
  const timeout = limit_ms === undefined ? undefined : AbortSignal.timeout(limit_ms)
  const signals = [signal, timeout].filter((each) => each !== undefined)
  try {
    const running = exec(file, args, { env, cwd, signal: AbortSignal.any(signals), maxBuffer: 16 * 1024 * 1024 })
    running.child.stdin?.end()
    return (await running).stdout
  } catch (error) {
    signal?.throwIfAborted()
    const reason = timeout?.aborted ? `no answer within ${limit_ms! / 1000} s` : complaint(error)
    throw new Error(`${basename(file)}: ${reason}`, { cause: error })
  }
}

/** What the program says is wrong: its last line that is marked as an error, else its last line. */
function complaint(error: unknown): string {
  const { stderr = '', message } = error as Error & { stderr?: string }
  const lines = stderr.trim().split('\n')
  return lines.findLast((line) => /^(ERROR|E): /.test(line)) || lines.at(-1) || message
}
