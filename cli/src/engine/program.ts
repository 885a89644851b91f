// Model servers that are programs on PATH. They are sessions of their own: Ctrl-C at the terminal ends them by our hand, in order.
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, open, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { onPath } from '@triage/binaries'
import { TriageError } from '@triage/contracts'
import { kinds } from './kinds.ts'
import { exitOf, type ModelServer } from './server.ts'
import type { Kind, Spec } from './spec.ts'

/** A process, and when it was started, as the system counts: the number alone may be another's by now. */
export interface Process {
  pid: number
  started: string
}

const graceMs = 10_000
const limit = 'there is'
const run = promisify(execFile)

/** Null when there is no such process. */
async function startOf(pid: number): Promise<string | null> {
  if (process.platform !== 'linux')
    return run('ps', ['-o', 'lstart=', '-p', `${pid}`]).then(
      ({ stdout }) => stdout.trim() || null,
      () => null
    )
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null)
  // Behind the name, which may hold anything: the state, and 19 fields on the start, in ticks since the system's.
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ')
  return fields && fields[0] !== 'Z' ? fields[19]! : null
}

/** Why the program cannot be started; null when it can. */
export const whyNoProgram = (kind: Kind): Promise<string | null> =>
  onPath(kinds[kind].program, process.env).then(
    () => null,
    () => `${kinds[kind].program} is not on PATH`
  )

const filesOf = (folder: string, name: string) => ({ log: join(folder, `${name}.log`), store: join(folder, `${name}.models`) })

export async function startProgram(kind: Kind, spec: Spec, port: number, folder: string): Promise<ProgramServer> {
  const { log, store } = filesOf(folder, spec.name)
  const program = await onPath(kinds[kind].program, process.env)
  const { args, env } = kinds[kind].start(spec, spec.model, '127.0.0.1', port)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  await using output = await open(log, 'w', 0o600)
  const child = spawn(program, args, {
    env: { ...process.env, ...env, OLLAMA_MODELS: store },
    stdio: ['ignore', output.fd, output.fd],
    detached: true
  })
  let exit: string | null = null
  child.once('exit', (code, signal) => (exit = exitOf(code, signal, limit)))
  await once(child, 'spawn').catch((error: Error) => {
    throw new TriageError('E_ENGINE_ENDED', `${program} cannot be started: ${error.message}`)
  })
  child.unref()
  const started = (await startOf(child.pid!)) ?? ''
  return new ProgramServer({ pid: child.pid!, started }, folder, spec.name, () => exit)
}

export class ProgramServer implements ModelServer {
  readonly process: Process
  readonly #files: { log: string; store: string }
  readonly #exit: (() => string | null) | null

  /** @param exit how it ended, as only the process knows that started it */
  constructor(process: Process, folder: string, name: string, exit: (() => string | null) | null = null) {
    this.process = process
    this.#files = filesOf(folder, name)
    this.#exit = exit
  }

  async ended(): Promise<string | null> {
    if (this.#exit) return this.#exit()
    return (await startOf(this.process.pid)) === this.process.started ? null : 'its process is gone'
  }

  async logs(lines: number): Promise<string> {
    const text = await readFile(this.#files.log, 'utf8').catch(() => '')
    return text
      .split('\n')
      .slice(-lines - 1)
      .join('\n')
  }

  async stop(): Promise<void> {
    const deadline = performance.now() + graceMs
    for (let signal: NodeJS.Signals = 'SIGTERM'; (await this.ended()) === null; await new Promise((resolve) => setTimeout(resolve, 50))) {
      if (performance.now() > deadline) signal = 'SIGKILL'
      // With the processes that it started.
      try {
        process.kill(-this.process.pid, signal)
      } catch {
        return // It ended just now.
      }
    }
  }

  async remove(): Promise<void> {
    await this.stop()
    await rm(this.#files.log, { force: true })
    await rm(this.#files.store, { recursive: true, force: true })
  }
}
