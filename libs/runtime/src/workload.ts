// A workload: a program that a runtime keeps, as it is declared (WorkloadSpec) and as it is found (Workload).
import type { Probe } from '@triage/contracts'

export type WorkloadKind = 'service' | 'worker' | 'database' | 'cache' | 'queue'
export type WorkloadStatus = 'running' | 'exited' | 'paused' | 'starting' | 'absent'

/** What somebody declares: how to start it, what it needs, how to tell whether it works. */
export interface WorkloadSpec {
  /** Lower-case words joined by - or _; unique in its runtime. */
  name: string
  kind: WorkloadKind
  /** Program and arguments; no shell. */
  command: string[]
  cwd: string
  /** The whole environment, but for PATH, LANG and TMPDIR, which it gets from its parent unless they are set here. */
  env: Record<string, string>
  uid?: number
  gid?: number
  /** Scheduling priority, -20 (first) to 19 (last). */
  nice?: number
  /** Of what is launched beside a container: its weight where containers compete for the processor, 2 to 262144; others have 1024. */
  cpu_shares?: number
  /** Of what is launched beside a container: not the neighbour's image but this one, which may change their network. */
  netadmin_image?: string
  /** Absolute path of the file that it is configured with; JSON, for a diff that names keys. */
  config_file?: string
  /** Names of the workloads that it needs; they are started first. */
  depends_on: string[]
  probes: Probe[]
  /** Prometheus endpoint. */
  metrics_url?: string
  /** Commands that may be run beside it, by name: program and first arguments. Nothing else may be. */
  commands?: Record<string, string[]>
  /** What asks it to end. SIGTERM unless told. */
  stop_signal?: 'SIGTERM' | 'SIGINT'
  /** It is ended by force after this many milliseconds. 3000 unless told, 15000 at most. */
  grace_ms?: number
  log_format: 'json' | 'text'
}

/** What the runtime says of a workload now. Times are RFC 3339 with milliseconds, hashes SHA-256 in lower-case hex. */
export interface Workload {
  name: string
  /** 'unknown' for a workload that nobody declared. */
  kind: WorkloadKind | 'unknown'
  /** Declared by the environment. */
  managed: boolean
  /** What the runtime knows, not what the kernel knows: a process that was sent SIGSTOP is still `running`. absent: never started. */
  status: WorkloadStatus
  /** Identity of this run: another one after each start. '' before the first. */
  run_id: string
  /** Main process, while it runs. */
  pid?: number
  started_at?: string
  /** Exactly one of exit_code and exit_signal is there once it has exited, also when the runtime is about to start it again. */
  exit_code?: number
  exit_signal?: string
  /** It was ended because it needed more memory than it may have. */
  oom_killed?: boolean
  /** How often the runtime has started it again by itself since somebody last did, where it does so. */
  restarts?: number
  depends_on: string[]
  probes: Probe[]
  metrics_url?: string
  log_format: 'json' | 'text'
  /** Hash of its configuration now; a file that cannot be read counts as empty. */
  config_hash?: string
  /** Hash of its last known good configuration. */
  baseline_config_hash?: string
  /** When its configuration was last changed, if that was while the runtime looked on. */
  config_changed_at?: string
  /** How many should run and how many do, where a workload can be more than one of a kind. */
  replicas?: { desired: number; running: number }
  /** What the runtime's own health check says, where there is one. */
  health?: 'starting' | 'healthy' | 'unhealthy'
  /** Of a check that fails now: how often in a row, and whether for want of an answer. */
  health_failure?: { consecutive: number; timed_out: boolean }
  /** Cores that it may use at most. */
  cpu_limit?: number
  /** Networks that it is attached to, where the runtime has such. */
  networks?: string[]
  /** Networks that it was attached to when all was well and is not now. */
  lost_networks?: string[]
  /** Workload that an undeclared one was started beside. */
  beside?: string
}
