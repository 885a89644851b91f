// Nothing stays behind: ends what a launcher spawned once the launcher is gone, for whatever reason.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { forgetAllProcesses, type PidRecord, recordedProcesses } from './pid-file.ts'
import { isAlive, killTree, type ProcessRow, processTable, processTree, sendSignal } from './process-table.ts'

export { forgetProcess, recordProcess } from './pid-file.ts'

/** What becomes of the data folder. */
export type ReaperMode = 'remove' | 'keep'

export interface Reaper {
  pid: number
  /** Says that the launcher is done; resolves when the reaper has cleaned up and exited. */
  close(): Promise<void>
}

const graceMs = 2000
/** The reaper lives as long as the launcher and does nothing: it should cost nothing. */
const smallHeap = ['--max-semi-space-size=1', '--max-old-space-size=32', '--single-threaded']

/**
 * Starts the process that waits for the end of this one and then reaps `data`. It holds nothing of ours but a pipe, whose
 * closing tells it, so that kill -9 is no different from a clean exit. It does not keep this process from exiting.
 */
export function startReaper(data: string, mode: ReaperMode): Reaper {
  const program = join(import.meta.dirname, 'reaper-main.ts')
  const child = spawn(process.execPath, [...smallHeap, program, data, mode], { detached: true, stdio: ['pipe', 'ignore', 'ignore'] })
  const exited = once(child, 'exit')
  release(child)
  return {
    pid: child.pid!,
    async close() {
      child.ref()
      child.stdin!.end()
      await exited
    }
  }
}

/**
 * Ends every recorded process group of `data` that still is what was recorded: SIGTERM, after 2 s SIGKILL. A pid that has
 * gone to another process is left alone. Removes the records. Returns what it ended.
 */
export async function reap(data: string): Promise<PidRecord[]> {
  const found = recordedProcesses(data).filter(isAlive)
  // Taken first: who outlives its parent can no longer be told from strangers.
  const table = processTable()
  const trees = found.flatMap((record) => processTree(record.pid, table))
  for (const { pid } of found) sendSignal(-pid, 'SIGTERM')
  const left = await survivors(trees)
  const now = processTable()
  // A group id is not given away while a member lives, so whoever is in a survivor's group belongs to it.
  for (const { pgid } of left) killTree(pgid, now)
  forgetAllProcesses(data)
  return found
}

async function survivors(rows: readonly ProcessRow[]): Promise<ProcessRow[]> {
  const deadline = performance.now() + graceMs
  let left = rows.filter(isAlive)
  while (left.length && performance.now() < deadline) {
    await delay(50)
    left = left.filter(isAlive)
  }
  return left
}

function release(child: ChildProcess): void {
  child.unref()
  const pipe = child.stdin as unknown as { unref(): void; on(event: 'error', listener: () => void): void }
  pipe.unref()
  pipe.on('error', () => {}) // the reaper was killed: there is nobody left to tell
}
