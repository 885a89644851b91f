// Which processes there are, and which of them belong together. Reads /proc where there is one, else asks ps.
import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'

/** A living process. Zombies are left out: they hold nothing and cannot be ended. */
export interface ProcessRow {
  pid: number
  ppid: number
  /** Process group. */
  pgid: number
  /** When it started, in a form that only compares for equality. With the pid it identifies a process, which the pid alone does not. */
  started: string
}

const bootFile = '/proc/sys/kernel/random/boot_id'
/** Linux counts start times from the boot: without it, two boots could give two processes the same pid and time. */
const boot = existsSync(bootFile) ? readFileSync(bootFile, 'utf8').trim() : null

/** Every living process that this one may see. */
export function processTable(): ProcessRow[] {
  if (boot === null) return askPs(['-A'])
  return readdirSync('/proc').flatMap((entry) => (/^\d+$/.test(entry) ? readProc(Number(entry)) : []))
}

/** The process, or undefined when it has ended. */
export function findProcess(pid: number): ProcessRow | undefined {
  return (boot === null ? askPs(['-p', String(pid)]) : readProc(pid))[0]
}

/** The processes of the group that `pid` leads and all that descend from them, wherever they have put themselves. */
export function processTree(pid: number, table: readonly ProcessRow[] = processTable()): ProcessRow[] {
  const children = Map.groupBy(table, (row) => row.ppid)
  const tree = new Set(table.filter((row) => row.pid === pid || row.pgid === pid))
  // A Set visits what is added while it is walked.
  for (const row of tree) for (const child of children.get(row.pid) ?? []) tree.add(child)
  return [...tree]
}

/** Whether it still runs; false when its pid has gone to another process. */
export function isAlive({ pid, started }: Pick<ProcessRow, 'pid' | 'started'>): boolean {
  return findProcess(pid)?.started === started
}

/** Sends a signal; nothing happens when there is nobody to receive it. A negative pid means the group. */
export function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch (error) {
    // EPERM is what macOS says of a group in which only zombies are left.
    if (!['ESRCH', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error
  }
}

/** Ends by force what `pid` leads and what descends from it. */
export function killTree(pid: number, table?: readonly ProcessRow[]): void {
  for (const row of processTree(pid, table)) sendSignal(row.pid, 'SIGKILL')
}

function readProc(pid: number): ProcessRow[] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The program's name stands in parentheses and may hold anything; the fields after it are: state, ppid, pgrp … (22nd in all) starttime.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    if (fields[0] === 'Z' || fields[0] === 'X') return []
    return [{ pid, ppid: Number(fields[1]), pgid: Number(fields[2]), started: `${boot} ${fields[19]}` }]
  } catch {
    return [] // it ended meanwhile
  }
}

function askPs(which: string[]): ProcessRow[] {
  try {
    const env = { PATH: process.env.PATH, LC_ALL: 'C', TZ: 'UTC' }
    const out = execFileSync('ps', [...which, '-o', 'pid=,ppid=,pgid=,stat=,lstart='], { env, encoding: 'utf8', maxBuffer: 16 * 1024 ** 2 })
    return out.split('\n').flatMap(parsePs)
  } catch {
    return [] // ps fails when the pid it is asked for has ended
  }
}

function parsePs(line: string): ProcessRow[] {
  const [pid, ppid, pgid, state, ...started] = line.trim().split(/\s+/)
  if (!state || state.startsWith('Z')) return []
  return [{ pid: Number(pid), ppid: Number(ppid), pgid: Number(pgid), started: started.join(' ') }]
}
