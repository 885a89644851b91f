// One spawned program: its own process group, recorded for the reaper, read line by line, ended for certain.
import { type ChildProcess, spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { setPriority } from 'node:os'
import type { Readable } from 'node:stream'
import { TriageError } from '@triage/contracts'
import { forgetProcess, recordProcess } from './pid-file.ts'
import { killTree, sendSignal } from './process-table.ts'

/** What to spawn. */
export interface Command {
  /** Unique among what lives at the same time on one data folder. */
  name: string
  /** Program and arguments; no shell. */
  command: string[]
  cwd: string
  /** The whole environment, but for PATH, LANG and TMPDIR. */
  env: Record<string, string>
  uid?: number
  gid?: number
  nice?: number
}

/** How it ended: one of the two. */
export interface Exit {
  code: number | null
  signal: NodeJS.Signals | null
}

export interface Child {
  pid: number
  stdout: Readable
  stderr: Readable
  /** Resolves when the main process has ended; the rest of its group is ended with it, as in a container. */
  exited: Promise<Exit>
  /** Signals the main process; SIGKILL ends all that descends from it. */
  kill(signal: NodeJS.Signals): void
  /** Sends `signal`, after `grace_ms` SIGKILL to all. Resolves when it has ended. */
  stop(signal: NodeJS.Signals, grace_ms: number): Promise<void>
}

/** Spawns a program and records it in <data>/run/. Throws E_RUNTIME_FAILED when it cannot be spawned. */
export function spawnChild(data: string, spec: Command): Child {
  const child = spawnProcess(spec)
  const pid = child.pid!
  recordProcess(data, spec.name, pid)
  prioritise(pid, spec.nice)
  let ended = false
  const exited = new Promise<Exit>((resolve) =>
    child.once('exit', (code, signal) => {
      ended = true
      sendSignal(-pid, 'SIGKILL')
      forgetProcess(data, spec.name)
      resolve({ code, signal })
    })
  )
  const kill = (signal: NodeJS.Signals) => {
    if (ended) return
    if (signal === 'SIGKILL') killTree(pid)
    else sendSignal(pid, signal)
  }
  const stop = async (signal: NodeJS.Signals, grace_ms: number) => {
    kill(signal)
    const force = setTimeout(() => kill('SIGKILL'), grace_ms)
    await exited
    clearTimeout(force)
  }
  return { pid, stdout: child.stdout!, stderr: child.stderr!, exited, kill, stop }
}

function spawnProcess({ name, command, cwd, env, uid, gid }: Command): ChildProcess {
  const [program = '', ...args] = command
  const failed = (cause: unknown) =>
    new TriageError('E_RUNTIME_FAILED', `${name} could not be started: ${(cause as Error).message}`, { cause })
  try {
    const child = spawn(program, args, { cwd, env: { ...baseEnv(), ...env }, uid, gid, detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
    child.on('error', () => {})
    if (child.pid === undefined) throw new Error(`no such program or folder: ${program} in ${cwd}`)
    return child
  } catch (error) {
    throw failed(error)
  }
}

/** What every program needs to find others. The rest of our environment may hold secrets and stays here. */
function baseEnv(): NodeJS.ProcessEnv {
  const { PATH, LANG, TMPDIR } = process.env
  return { ...(PATH && { PATH }), ...(LANG && { LANG }), ...(TMPDIR && { TMPDIR }) }
}

function prioritise(pid: number, nice: number | undefined): void {
  if (nice === undefined) return
  try {
    setPriority(pid, nice)
    // Where Linux groups by session (sched(7), autogroup), a process's own niceness counts only within its session.
    writeFileSync(`/proc/${pid}/autogroup`, String(nice))
  } catch {
    // It has ended already, we may not, or there are no such groups: it runs all the same.
  }
}
