import { cachePoison } from './cache-poison.ts'
import { containerCpuHog } from './container-cpu-hog.ts'
import { containerPause } from './container-pause.ts'
import { containerStop } from './container-stop.ts'
import { cpuHog } from './cpu-hog.ts'
import { dbConnDrift } from './db-conn-drift.ts'
import { edgeBlackhole, edgeLatency, edgeReset } from './edge.ts'
import { envDrift } from './env-drift.ts'
import type { Fault } from './fault.ts'
import { memoryLimit } from './memory-limit.ts'
import { networkDisconnect } from './network-disconnect.ts'
import { packetDrop } from './packet-drop.ts'
import { processHang } from './process-hang.ts'
import { processKill } from './process-kill.ts'
import { scaleToZero } from './scale-to-zero.ts'
import { wrongCommand } from './wrong-command.ts'

/** Every fault by name. */
export const faults: Readonly<Record<string, Fault>> = Object.freeze({
  process_kill: processKill,
  process_hang: processHang,
  db_conn_drift: dbConnDrift,
  cache_poison: cachePoison,
  cpu_hog: cpuHog,
  container_stop: containerStop,
  container_pause: containerPause,
  container_cpu_hog: containerCpuHog,
  memory_limit: memoryLimit,
  network_disconnect: networkDisconnect,
  edge_latency: edgeLatency,
  edge_reset: edgeReset,
  edge_blackhole: edgeBlackhole,
  packet_drop: packetDrop,
  env_drift: envDrift,
  wrong_command: wrongCommand,
  scale_to_zero: scaleToZero
})
