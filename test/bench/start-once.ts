// Starts one swarm as `triage up` does, lets it idle, and tells its parent what that took. A process of its own, so that the
// launcher's memory is the launcher's.
import { setTimeout as delay } from 'node:timers/promises'
import { practiceShop } from '@triage/cli/practice-shop'
import { Swarm } from '@triage/cli/swarm'
import { type Usage, usageOf } from './lib/usage.ts'

export type Part = 'processes' | 'nats_server' | 'launcher'

export interface Start {
  /** From having the programs to every role being ready. */
  ready_ms: number
  /** From the start of the launcher to the shop serving its users without an error, Node's own start included. */
  steady_ms: number
  /** How many processes there are beside nats-server and the launcher. */
  processes: number
  /** Memory after the idle time; processor time of the idle time. */
  idle: Record<Part, Usage>
}

/** @param idleMs how long the processes are left alone before they are measured */
async function measure(swarm: Swarm, idleMs: number): Promise<Pick<Start, 'processes' | 'idle'>> {
  const { nats, ...roles } = swarm.pids()
  const look = async (): Promise<Start['idle']> => ({
    processes: await usageOf(Object.values(roles)),
    nats_server: await usageOf([nats!]),
    launcher: await usageOf([process.pid])
  })
  const before = await look()
  await delay(idleMs)
  const after = await look()
  for (const part of Object.keys(after) as Part[]) after[part].cpu_ms -= before[part].cpu_ms
  return { processes: Object.keys(roles).length, idle: after }
}

const log = (line: string): void => void process.stderr.write(`${line}\n`)
// Whoever is not waited for goes; the launcher's reaper takes the swarm with it.
process.on('disconnect', () => process.exit(1))

const swarm = await Swarm.up({ admit: practiceShop({ seed: 1 }), data: null, natsPort: null, log, signal: new AbortController().signal })
const steady_ms = performance.now()
try {
  const start: Start = { ready_ms: swarm.readyMs, steady_ms, ...(await measure(swarm, Number(process.argv[2]))) }
  process.send!(start)
} finally {
  await swarm.close()
}
process.exit(0)
