// Owns the processes of a manifest, as a container engine owns containers: it starts, stops and watches them. It does not
// restart what has ended, and it does not know whether what runs is well.
import { randomUUID } from 'node:crypto'
import { EventEmitter } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { TriageError } from '@triage/contracts'
import { type Cause, OpLog, operationsFile } from '../op-log.ts'
import type { ConfigDiff, ConfigText, ExecResult, LogLine, LogQuery, RuntimeEvent, WorkloadStats } from '../port.ts'
import type { Workload, WorkloadSpec } from '../workload.ts'
import { runCommand } from './command.ts'
import type { ConfigFile } from './config-file.ts'
import { ProcessWorkload } from './process-workload.ts'
import { startOrder } from './start-order.ts'
import { UsageMeter } from './usage.ts'

/** By then everything has ended that can end by itself. */
const closeMs = 5000
/** Launched workloads at one time. */
const maxLaunched = 50
const byHost: Cause = { by: 'host' }

export class ProcessHost implements AsyncDisposable {
  readonly events = new EventEmitter<{ event: [RuntimeEvent] }>().setMaxListeners(100)
  readonly #data: string
  readonly #ops: OpLog
  /** In start order; launched ones come last. */
  readonly #workloads: Map<string, ProcessWorkload>
  readonly #usage = new UsageMeter(() => this.#running())
  readonly #closing = new AbortController()
  #closed: Promise<void> | undefined

  /**
   * Nothing is started yet. @param data folder for logs/, run/ and ops.jsonl. Throws E_CONFIG when the manifest is not valid.
   */
  constructor(data: string, manifest: readonly WorkloadSpec[]) {
    const ordered = startOrder(manifest)
    this.#data = data
    this.#ops = new OpLog(operationsFile(data))
    this.#workloads = new Map(ordered.map((spec) => [spec.name, this.#create(spec, null)]))
  }

  /** Starts every workload, each after those that it needs were started; it does not wait until they are ready. */
  async startAll(): Promise<void> {
    for (const name of this.#workloads.keys()) await this.start(name, byHost)
  }

  /** What every configuration says now is the last known good. */
  markBaseline(): void {
    for (const { config } of this.#workloads.values()) config?.markBaseline()
  }

  list(): Workload[] {
    return [...this.#workloads.values()].map((workload) => workload.describe())
  }

  inspect(name: string): Workload {
    return this.#get(name).describe()
  }

  logs(name: string, query: LogQuery): LogLine[] {
    return this.#get(name).log.query(query)
  }

  stats(): Promise<WorkloadStats[]> {
    return this.#usage.stats()
  }

  configDiff(name: string): ConfigDiff {
    return this.#config(name).diff()
  }

  getConfig(name: string): ConfigText & { baseline: ConfigText | null } {
    const config = this.#config(name)
    return { ...config.read(), baseline: config.baseline }
  }

  async setConfig(name: string, text: string, cause: Cause): Promise<void> {
    const config = this.#config(name)
    await this.#get(name).exclusively(() => {
      this.#ops.append('set_config', name, cause)
      config.write(text)
    })
  }

  async start(name: string, cause: Cause): Promise<void> {
    const workload = this.#get(name)
    await workload.exclusively(() => {
      if (workload.child) return
      this.#ops.append('start', name, cause)
      this.#spawn(workload)
    })
  }

  async stop(name: string, cause: Cause): Promise<void> {
    const workload = this.#get(name)
    await workload.exclusively(async () => {
      if (!workload.child) return
      this.#ops.append('stop', name, cause)
      await workload.stop()
    })
  }

  async restart(name: string, cause: Cause): Promise<void> {
    const workload = this.#get(name)
    await workload.exclusively(async () => {
      this.#ops.append('restart', name, cause)
      await workload.stop()
      this.#spawn(workload)
    })
  }

  /** Does not wait its turn: a stop that takes its time can be cut short. */
  kill(name: string, signal: NodeJS.Signals, cause: Cause): void {
    const { child } = this.#get(name)
    if (!child) return
    this.#ops.append('kill', name, cause)
    child.kill(signal)
  }

  async exec(name: string, [command = '', ...args]: readonly string[], cause: Cause): Promise<ExecResult> {
    const { spec, child } = this.#get(name)
    const allowed = spec.commands && Object.hasOwn(spec.commands, command) ? spec.commands[command]! : null
    if (!allowed) throw new TriageError('E_RUNTIME_FORBIDDEN', `${name} has no command ${command}`)
    if (!child) throw new TriageError('E_RUNTIME_FAILED', `${name} does not run`)
    this.#ops.append('exec', name, cause)
    return runCommand(this.#data, { ...spec, name: `${name}.exec.${randomUUID()}`, command: [...allowed, ...args] }, this.#closing.signal)
  }

  /** Synchronous, so that nothing can come between the check and the start. */
  launch(spec: WorkloadSpec, beside: string, cause: Cause): void {
    this.#get(beside)
    const former = this.#workloads.get(spec.name)
    if (former?.beside === null) throw new TriageError('E_RUNTIME_FORBIDDEN', `${spec.name} is the name of a declared workload`)
    if (former?.child) return
    if (former) this.#forget(former)
    this.#checkRoom()
    const workload = this.#create(spec, beside)
    this.#workloads.set(spec.name, workload)
    try {
      this.#ops.append('launch', spec.name, cause)
      this.#spawn(workload)
    } catch (error) {
      this.#forget(workload)
      throw error
    }
  }

  async remove(name: string, cause: Cause): Promise<void> {
    const workload = this.#workloads.get(name)
    if (workload?.beside === null) throw new TriageError('E_RUNTIME_FORBIDDEN', `${name} is declared; it can be stopped, not removed`)
    await workload?.exclusively(async () => {
      if (this.#workloads.get(name) !== workload) return
      this.#ops.append('remove', name, cause)
      await workload.stop()
      this.#forget(workload)
    })
  }

  /** Ends all, what needs others first. Takes about 5 s at most. Nothing is started after it was called. */
  close(): Promise<void> {
    this.#closed ??= this.#shutDown()
    return this.#closed
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #shutDown(): Promise<void> {
    this.#closing.abort()
    const workloads = [...this.#workloads.values()].reverse()
    const deadline = performance.now() + closeMs
    const politely = async () => {
      for (const workload of workloads) await workload.exclusively(() => workload.stop(Math.max(0, deadline - performance.now())))
    }
    const timer = new AbortController()
    await Promise.race([politely(), delay(closeMs, undefined, { signal: timer.signal }).catch(() => {})])
    timer.abort()
    await Promise.all(workloads.map((workload) => workload.child?.stop('SIGKILL', 0)))
    for (const workload of workloads) workload.close()
  }

  #create(spec: WorkloadSpec, beside: string | null): ProcessWorkload {
    return new ProcessWorkload(spec, { data: this.#data, beside, emit: (event) => this.events.emit('event', event) })
  }

  #spawn(workload: ProcessWorkload): void {
    if (this.#get(workload.spec.name) !== workload)
      throw new TriageError('E_RUNTIME_FAILED', `${workload.spec.name} was replaced meanwhile`)
    if (this.#closing.signal.aborted) throw new TriageError('E_RUNTIME_FAILED', 'The runtime is shutting down')
    workload.start()
  }

  #forget(workload: ProcessWorkload): void {
    this.#workloads.delete(workload.spec.name)
    workload.close()
  }

  #checkRoom(): void {
    const launched = [...this.#workloads.values()].filter(({ beside }) => beside !== null).length
    if (launched >= maxLaunched) throw new TriageError('E_RUNTIME_FAILED', `${maxLaunched} workloads were launched already`)
  }

  #running(): { name: string; pid: number }[] {
    return [...this.#workloads].flatMap(([name, { child }]) => (child ? [{ name, pid: child.pid }] : []))
  }

  #get(name: string): ProcessWorkload {
    const workload = this.#workloads.get(name)
    if (!workload) throw new TriageError('E_RUNTIME_UNKNOWN_TARGET', `There is no workload ${name}`)
    return workload
  }

  #config(name: string): ConfigFile {
    const { config } = this.#get(name)
    if (!config) throw new TriageError('E_RUNTIME_UNSUPPORTED', `${name} has no configuration file`)
    return config
  }
}
