import { arch, availableParallelism, cpus, loadavg, totalmem, type } from 'node:os'
import { findNatsServer } from '@triage/binaries'

/** What the figures were measured on, without what names the machine. */
export interface Machine {
  processor: string
  cores: number
  memory_gb: number
  system: string
  node: string
  nats_server: string
}

/** Of the last minute: before a run, above 0 says that the machine had other work; after it, the run's own work counts as well. */
export const loadAverage = (): number => Math.round(loadavg()[0]! * 100) / 100

export async function describeMachine(log: (line: string) => void): Promise<Machine> {
  const nats = await findNatsServer({ env: process.env, log })
  return {
    processor: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    memory_gb: Math.round(totalmem() / 1024 ** 3),
    system: `${type()} ${arch()}`,
    node: process.versions.node,
    nats_server: nats.version
  }
}
