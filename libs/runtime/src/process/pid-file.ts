// The record of what was spawned, one file per process in <data>/run/. It lets somebody else clean up after a crash.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { findProcess } from './process-table.ts'

export interface PidRecord {
  name: string
  /** Leader of its own process group. */
  pid: number
  /** ProcessRow.started. */
  started: string
}

const folder = (data: string) => join(data, 'run')
const file = (data: string, name: string) => join(folder(data), `${name}.json`)

/**
 * Records a process group right after its leader `pid` was spawned. Synchronous, so that no crash can fall between the two.
 * A process that has ended already is not recorded. `name` must be fit for a file name.
 */
export function recordProcess(data: string, name: string, pid: number): void {
  const started = findProcess(pid)?.started
  if (started === undefined) return
  mkdirSync(folder(data), { recursive: true })
  writeFileSync(file(data, name), JSON.stringify({ name, pid, started } satisfies PidRecord), { mode: 0o600 })
}

export function forgetProcess(data: string, name: string): void {
  rmSync(file(data, name), { force: true })
}

/** Every record that can be read. */
export function recordedProcesses(data: string): PidRecord[] {
  return pidFiles(data).flatMap((path) => {
    try {
      const { name, pid, started } = JSON.parse(readFileSync(path, 'utf8')) as PidRecord
      return Number.isInteger(pid) && pid > 1 ? [{ name, pid, started }] : []
    } catch {
      return [] // cut off by the crash
    }
  })
}

export function forgetAllProcesses(data: string): void {
  for (const path of pidFiles(data)) rmSync(path, { force: true })
}

function pidFiles(data: string): string[] {
  try {
    return readdirSync(folder(data)).flatMap((entry) => (entry.endsWith('.json') ? [join(folder(data), entry)] : []))
  } catch {
    return [] // nothing was ever recorded
  }
}
