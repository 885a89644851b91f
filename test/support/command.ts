// The `triage` command as people use it.
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'

export const bin = join(import.meta.dirname, '../../cli/bin/triage.js')

interface Ran {
  code: number
  stdout: string
  stderr: string
}

/** Runs commands on a data folder to their end, for a minute at most. */
export const commandOn =
  (data: string) =>
  (args: string[], env: Record<string, string> = {}): Promise<Ran> =>
    promisify(execFile)(process.execPath, [bin, '--data', data, ...args], {
      env: { ...process.env, NO_COLOR: '1', ...env },
      timeout: 60_000,
      maxBuffer: 64 * 1024 ** 2
    }).then(
      ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
      ({ code, stdout, stderr }) => ({ code, stdout, stderr })
    )
