// One workload as a process: its run, its log, its configuration.
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { LogRing } from '../log-ring.ts'
import type { RuntimeEvent } from '../port.ts'
import type { Workload, WorkloadSpec } from '../workload.ts'
import { type Child, type Exit, spawnChild } from './child.ts'
import { ConfigFile } from './config-file.ts'
import { readLines } from './lines.ts'
import { LogFile } from './log-file.ts'

const defaultGraceMs = 3000
const maxGraceMs = 15_000

interface Run {
  id: string
  child: Child
  started_at: string
  exit?: Exit
}

interface WorkloadOptions {
  data: string
  /** Null: the environment declares it; else the workload that it was started beside. */
  beside: string | null
  emit: (event: RuntimeEvent) => void
}

export class ProcessWorkload {
  readonly spec: WorkloadSpec
  readonly beside: string | null
  readonly log = new LogRing()
  readonly config: ConfigFile | null
  readonly #data: string
  readonly #emit: (event: RuntimeEvent) => void
  readonly #file: LogFile
  #run: Run | undefined
  #queue: Promise<unknown> = Promise.resolve()

  constructor(spec: WorkloadSpec, { data, beside, emit }: WorkloadOptions) {
    this.spec = spec
    this.beside = beside
    this.#data = data
    this.#emit = emit
    this.#file = new LogFile(join(data, 'logs', `${spec.name}.log`))
    const changed = (config_hash: string) => emit({ kind: 'config', name: spec.name, config_hash, at: new Date().toISOString() })
    this.config = spec.config_file ? new ConfigFile(spec.config_file, changed) : null
  }

  /** The run's process; null when it does not run. */
  get child(): Child | null {
    return this.#run && !this.#run.exit ? this.#run.child : null
  }

  /** One after the other: nobody starts what somebody else is stopping. */
  exclusively<T>(work: () => T | Promise<T>): Promise<T> {
    const result = this.#queue.then(work)
    this.#queue = result.catch(() => {})
    return result
  }

  /** Spawns a new run; there must be none. Throws E_RUNTIME_FAILED. */
  start(): void {
    const child = spawnChild(this.#data, this.spec)
    const run: Run = { id: randomUUID(), child, started_at: new Date().toISOString() }
    this.#run = run
    for (const stream of [child.stdout, child.stderr]) readLines(stream, (line) => this.#write(line))
    this.#emit({ kind: 'start', name: this.spec.name, run_id: run.id, at: run.started_at })
    void child.exited.then((exit) => {
      run.exit = exit
      this.#emit({ kind: 'exit', name: this.spec.name, run_id: run.id, at: new Date().toISOString(), ...exitFields(exit) })
    })
  }

  /** @param limit_ms force comes after this long at the latest */
  async stop(limit_ms = maxGraceMs): Promise<void> {
    await this.child?.stop(this.spec.stop_signal ?? 'SIGTERM', Math.min(this.spec.grace_ms ?? defaultGraceMs, limit_ms))
  }

  describe(): Workload {
    const { name, kind, depends_on, probes, metrics_url, log_format } = this.spec
    const managed = this.beside === null
    return {
      name,
      kind: managed ? kind : 'unknown',
      managed,
      ...describeRun(this.#run),
      depends_on,
      probes,
      ...(metrics_url && { metrics_url }),
      log_format,
      ...this.#describeConfig(),
      ...(this.beside !== null && { beside: this.beside })
    }
  }

  /** Lets go of files. The process must have ended. */
  close(): void {
    this.config?.close()
    this.#file.close()
  }

  #describeConfig(): Partial<Workload> {
    if (!this.config) return {}
    const { hash } = this.config.read()
    const { baseline, changedAt } = this.config
    return {
      config_hash: hash,
      ...(baseline && { baseline_config_hash: baseline.hash }),
      ...(changedAt && { config_changed_at: changedAt.toISOString() })
    }
  }

  #write(line: string): void {
    const at = new Date().toISOString()
    this.log.push({ at, line })
    this.#file.append(`${at} ${line}`)
  }
}

function describeRun(run: Run | undefined): Pick<Workload, 'status' | 'run_id' | 'pid' | 'started_at' | 'exit_code' | 'exit_signal'> {
  if (!run) return { status: 'absent', run_id: '' }
  const { id: run_id, started_at, exit, child } = run
  return exit ? { status: 'exited', run_id, started_at, ...exitFields(exit) } : { status: 'running', run_id, started_at, pid: child.pid }
}

const exitFields = ({ code, signal }: Exit) => (signal === null ? { exit_code: code ?? 0 } : { exit_signal: signal })
