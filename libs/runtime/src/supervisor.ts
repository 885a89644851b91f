// Keeps the processes of the swarm alive: what ends without being asked to is started again, later each time, until it is
// given up.
import { EventEmitter } from 'node:events'
import { TriageError } from '@triage/contracts'
import { redact } from '@triage/redact'
import { type Child, type Command, type Exit, spawnChild } from './process/child.ts'
import { readLines } from './process/lines.ts'
import { LogFile } from './process/log-file.ts'

export interface SupervisedProcess extends Command {
  /** Gets standard output and standard error, line by line and redacted; at 10 MB it becomes <log_file>.1. */
  log_file: string
}

/** Times in milliseconds. */
interface SupervisorLimits {
  /** Wait before the first restart; doubled for each further one. */
  backoff_ms: number
  max_backoff_ms: number
  /** A run of this length makes the next wait a short one again. */
  stable_ms: number
  /** More restarts than this within `window_ms`, and the process is given up. */
  restarts: number
  window_ms: number
  /** close(): force comes after this long. */
  grace_ms: number
}

interface SupervisorEvents {
  /** A process has ended and is about to be started again in `delay_ms`. */
  restart: [{ name: string; exit: Exit | null; delay_ms: number }]
  /** A process has ended too often and stays down. */
  giveup: [{ name: string; exit: Exit | null }]
}

interface Entry {
  spec: SupervisedProcess
  log: LogFile
  child: Child | null
  timer?: NodeJS.Timeout
  delay_ms: number
  /** Monotonic milliseconds of the last restarts. */
  restarts: number[]
}

const defaults: SupervisorLimits = {
  backoff_ms: 250,
  max_backoff_ms: 10_000,
  stable_ms: 30_000,
  restarts: 10,
  window_ms: 120_000,
  grace_ms: 4000
}

export class Supervisor extends EventEmitter<SupervisorEvents> implements AsyncDisposable {
  readonly #data: string
  readonly #limits: SupervisorLimits
  readonly #entries = new Map<string, Entry>()
  #closed = false

  /** @param data folder for run/, where each process is recorded for the reaper */
  constructor(data: string, limits: Partial<SupervisorLimits> = {}) {
    super()
    this.#data = data
    this.#limits = { ...defaults, ...limits }
  }

  /** Spawns processes, in order. Throws E_RUNTIME_FAILED when one cannot be spawned at all, E_CONFIG when a name is there twice. */
  start(specs: readonly SupervisedProcess[]): void {
    for (const spec of specs) {
      if (this.#closed || this.#entries.has(spec.name)) throw new TriageError('E_CONFIG', `${spec.name} cannot be added to the supervisor`)
      const entry: Entry = { spec, log: new LogFile(spec.log_file), child: null, delay_ms: this.#limits.backoff_ms, restarts: [] }
      this.#entries.set(spec.name, entry)
      this.#spawn(entry)
    }
  }

  /** The processes that run now, by name. */
  pids(): Record<string, number> {
    return Object.fromEntries([...this.#entries].flatMap(([name, { child }]) => (child ? [[name, child.pid]] : [])))
  }

  /** Ends all at once: SIGTERM, after the grace time SIGKILL. Nothing is started any more. */
  async close(): Promise<void> {
    this.#closed = true
    const entries = [...this.#entries.values()]
    for (const { timer } of entries) clearTimeout(timer)
    await Promise.all(entries.map(({ child }) => child?.stop('SIGTERM', this.#limits.grace_ms)))
    for (const { log } of entries) log.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #spawn(entry: Entry): void {
    const child = spawnChild(this.#data, entry.spec)
    const since = performance.now()
    entry.child = child
    for (const stream of [child.stdout, child.stderr]) readLines(stream, (line) => entry.log.append(redact(line)))
    void child.exited.then((exit) => {
      entry.child = null
      if (performance.now() - since >= this.#limits.stable_ms) entry.delay_ms = this.#limits.backoff_ms
      this.#ended(entry, exit)
    })
  }

  /** @param exit null when it could not be spawned */
  #ended(entry: Entry, exit: Exit | null): void {
    if (this.#closed) return
    const { name } = entry.spec
    const now = performance.now()
    entry.restarts = entry.restarts.filter((at) => now - at < this.#limits.window_ms)
    if (entry.restarts.length >= this.#limits.restarts) {
      this.emit('giveup', { name, exit })
      return
    }
    entry.restarts.push(now)
    const delay_ms = entry.delay_ms
    entry.delay_ms = Math.min(delay_ms * 2, this.#limits.max_backoff_ms)
    this.emit('restart', { name, exit, delay_ms })
    entry.timer = setTimeout(() => this.#restart(entry), delay_ms)
  }

  #restart(entry: Entry): void {
    try {
      this.#spawn(entry)
    } catch {
      this.#ended(entry, null)
    }
  }
}
