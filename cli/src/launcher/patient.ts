// What a swarm watches and repairs: the practice shop, or a project of somebody's own.
import type { Role } from '@triage/contracts'
import type { Rules, RuntimeAccess } from './swarm-processes.ts'

export interface Patient {
  /** What a process is told that looks at it. */
  readonly runtime: RuntimeAccess
  /** Where its load generator says how its users fare; null when there is none. */
  readonly loadgenUrl: string | null
  /** Where its users come in; null when that is not known. */
  readonly storefrontUrl: string | null
  /** Called when the swarm is ready; resolves when there is something to watch. */
  start(signal: AbortSignal): Promise<void>
  /** Called when the swarm has ended, also when it never started. */
  close(): Promise<void>
}

/** Where a patient is prepared. */
export interface Ward {
  /** Folder of what lives as long as the run. */
  run: string
  /** Folder of what outlives it. */
  data: string
  /** Path of the nats-server that the swarm uses. */
  natsServer: string
  log: (line: string) => void
  signal: AbortSignal
}

/** A patient that is not there yet. */
export interface Admission<P extends Patient> {
  /** Processes of the swarm that it gets. */
  roles: readonly Role[]
  rules: Rules
  /** Nothing runs on it yet when it resolves. */
  prepare(ward: Ward): Promise<P>
}
