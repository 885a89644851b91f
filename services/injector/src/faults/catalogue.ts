import { cachePoison } from './cache-poison.ts'
import { cpuHog } from './cpu-hog.ts'
import { dbConnDrift } from './db-conn-drift.ts'
import type { Fault } from './fault.ts'
import { processHang } from './process-hang.ts'
import { processKill } from './process-kill.ts'

/** Every fault by name. */
export const faults: Readonly<Record<string, Fault>> = Object.freeze({
  process_kill: processKill,
  process_hang: processHang,
  db_conn_drift: dbConnDrift,
  cache_poison: cachePoison,
  cpu_hog: cpuHog
})
