// The port to the thing that runs services. Three roles, each with what the one before may do and more: the reader for who
// observes, the writer for who repairs, the injector for who breaks things on purpose.
//
// Every call throws TriageError: E_RUNTIME_UNREACHABLE (no answer; an effect may or may not have taken place), E_RUNTIME_FORBIDDEN
// (the credential may not), E_RUNTIME_UNKNOWN_TARGET, E_RUNTIME_UNSUPPORTED (this runtime cannot), E_RUNTIME_FAILED (tried in vain).
// Where containers run: E_RUNTIME_UNKNOWN_PROJECT, E_RUNTIME_IMAGE_MISSING, E_RUNTIME_CONFLICT (a name is taken).
import type { Workload, WorkloadSpec } from './workload.ts'

export interface LogLine {
  /** When the runtime saw it: RFC 3339 with milliseconds. */
  at: string
  line: string
}

export interface LogQuery {
  /** Lines from this instant on. */
  since?: Date
  /** At most this many, the newest. */
  tail?: number
  /** At most this many bytes of UTF-8, the newest whole lines. 1 MiB unless told. */
  max_bytes?: number
}

/** What a running workload uses, with all its processes and threads. */
export interface WorkloadStats {
  name: string
  /** Cores in use, averaged over the time since the last reading: 1.5 is one core and a half. */
  cpu_load: number
  rss_bytes: number
  /** All its containers may have together; where the runtime sets such a limit. */
  memory_limit_bytes?: number
}

/** How a configuration differs from its baseline: keys, never values. */
export interface ConfigDiff {
  hash: string
  /** Null: no baseline was taken. */
  baseline_hash: string | null
  /** Dotted paths of the keys that differ, at most 100; '.' when one of the two is not a JSON object. */
  paths: string[]
}

/** A text with a hash of what it says: of a file its SHA-256; the same hash that `inspect` and `configDiff` tell. */
export interface ConfigText {
  text: string
  hash: string
}

export type RuntimeEvent =
  | { kind: 'start'; name: string; run_id: string; at: string }
  | { kind: 'exit'; name: string; run_id: string; at: string; exit_code?: number; exit_signal?: string }
  | { kind: 'config'; name: string; config_hash: string; at: string }

export interface ExecResult {
  exit_code: number
  stdout: string
  stderr: string
}

/** Goes with each effect. */
export interface EffectOptions {
  /** Kept with the record of the effect, so that effects can be counted at the target. It has no influence on what happens. */
  idempotency_key?: string
}

export interface RuntimeReader {
  readonly kind: 'process' | 'docker'
  /** Every workload, in start order. */
  list(): Promise<Workload[]>
  inspect(name: string): Promise<Workload>
  /** Standard output and standard error, oldest line first, across restarts, as far back as the runtime keeps them. */
  logs(name: string, query?: LogQuery): Promise<LogLine[]>
  /** All running workloads in one call. */
  stats(): Promise<WorkloadStats[]>
  /** The time by the clock that the lines of logs are stamped with, epoch milliseconds. */
  clock(): Promise<number>
  /** Throws E_RUNTIME_UNSUPPORTED when the workload has no configuration. */
  configDiff(name: string): Promise<ConfigDiff>
  /**
   * What happens from the first `next()` on. Ends when `signal` aborts; throws E_RUNTIME_UNREACHABLE when the runtime goes
   * away and stays away. It is a hint to look: whoever must not miss a change lists at intervals too.
   */
  watch(signal: AbortSignal): AsyncIterable<RuntimeEvent>
}

export interface RuntimeWriter extends RuntimeReader {
  /** As many of it as should run. Nothing happens when they do already. */
  start(name: string, options?: EffectOptions): Promise<void>
  /** Asks it to end, forces it after its grace time. Resolves when it has ended; nothing happens when it does not run. */
  stop(name: string, options?: EffectOptions): Promise<void>
  /** Stops it if it runs, then starts it. Resolves when the new run was started, which is before it is ready. */
  restart(name: string, options?: EffectOptions): Promise<void>
  /** Signals the main process; SIGKILL ends all its processes. Nothing happens when it does not run. */
  kill(name: string, signal: NodeJS.Signals, options?: EffectOptions): Promise<void>
  /** Runs a command beside a running workload. argv[0] names one of the workload's `commands`, else E_RUNTIME_FORBIDDEN. No shell. */
  exec(name: string, argv: string[], options?: EffectOptions): Promise<ExecResult>
  /** Its configuration, secrets and all. */
  getConfig(name: string): Promise<ConfigText & { baseline: ConfigText | null }>
  setConfig(name: string, text: string, options?: EffectOptions): Promise<void>
  /** So many of it run then; 0 stops it. */
  scale(name: string, replicas: number, options?: EffectOptions): Promise<void>
  attachNetwork(name: string, network: string, options?: EffectOptions): Promise<void>
  detachNetwork(name: string, network: string, options?: EffectOptions): Promise<void>
}

export interface RuntimeInjector extends RuntimeWriter {
  /** Starts a workload that nobody declared, beside a declared one. Nothing happens when it runs already. */
  launch(spec: WorkloadSpec, beside: string, options?: EffectOptions): Promise<void>
  /**
   * Runs a program of this image to its end in the network of a running workload, with the right to change that network, in
   * seconds. It is no workload itself: nobody gets to see it. E_RUNTIME_UNSUPPORTED where processes share one network.
   */
  runInNetwork(name: string, image: string, argv: string[], options?: EffectOptions): Promise<ExecResult>
  /** Stops and forgets a workload that was launched. Nothing happens when there is none; declared ones stay: E_RUNTIME_FORBIDDEN. */
  remove(name: string, options?: EffectOptions): Promise<void>
  /** Freezes all its processes: it is `paused`. Nothing happens when it does not run. */
  pause(name: string, options?: EffectOptions): Promise<void>
  /** Lets a paused workload go on. So do a writer's start, stop and restart. */
  unpause(name: string, options?: EffectOptions): Promise<void>
}
