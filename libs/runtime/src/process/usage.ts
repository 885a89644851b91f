// What the processes of workloads use: CPU and memory of whole process trees.
import { setTimeout as delay } from 'node:timers/promises'
import pidusage from 'pidusage'
import type { WorkloadStats } from '../port.ts'
import { type ProcessRow, processTable, processTree } from './process-table.ts'

interface Reading {
  /** Monotonic milliseconds. */
  at: number
  /** By workload: its processes, each with its CPU time in milliseconds and its resident bytes. */
  trees: Map<string, Map<string, { cpu_ms: number; rss_bytes: number }>>
}

/** A load is an average over at least this long, else it is noise, and over at most `staleMs`, else it is history. */
const windowMs = 250
const staleMs = 10_000

const identity = ({ pid, started }: ProcessRow) => `${pid} ${started}`

/** Reads the load of workloads. It is asked by several at once, each at its own pace; they share readings. */
export class UsageMeter {
  readonly #leaders: () => { name: string; pid: number }[]
  #last: Reading | undefined
  #result: WorkloadStats[] = []
  #reading: Promise<WorkloadStats[]> | undefined

  /** @param leaders the workloads that run now, each with its main process */
  constructor(leaders: () => { name: string; pid: number }[]) {
    this.#leaders = leaders
  }

  stats(): Promise<WorkloadStats[]> {
    this.#reading ??= this.#read().finally(() => {
      this.#reading = undefined
    })
    return this.#reading
  }

  async #read(): Promise<WorkloadStats[]> {
    const age = performance.now() - (this.#last?.at ?? Number.NEGATIVE_INFINITY)
    if (age < windowMs) return this.#result
    if (age > staleMs) {
      this.#last = await take(this.#leaders())
      await delay(windowMs)
    }
    const now = await take(this.#leaders())
    this.#result = compare(this.#last!, now)
    this.#last = now
    return this.#result
  }
}

async function take(leaders: { name: string; pid: number }[]): Promise<Reading> {
  const table = processTable()
  const trees = leaders.map(({ name, pid }) => ({ name, rows: processTree(pid, table) }))
  const usage = await usageOf(trees.flatMap(({ rows }) => rows.map((row) => row.pid)))
  const entries = trees.map(({ name, rows }) => [name, new Map(rows.map((row) => [identity(row), usageOfRow(row)]))] as const)
  return { at: performance.now(), trees: new Map(entries) }

  function usageOfRow({ pid }: ProcessRow) {
    return { cpu_ms: usage[pid]?.ctime ?? 0, rss_bytes: usage[pid]?.memory ?? 0 }
  }
}

async function usageOf(pids: number[]): ReturnType<typeof pidusage> {
  if (pids.length === 0) return {}
  return pidusage(pids).catch(() => ({})) // all of them have ended since the table was read
}

function compare(before: Reading, now: Reading): WorkloadStats[] {
  return [...now.trees].map(([name, tree]) => {
    const earlier = before.trees.get(name)
    let cpu_ms = 0
    let rss_bytes = 0
    for (const [id, use] of tree) {
      // A process that was not there before has used all its time since.
      cpu_ms += Math.max(0, use.cpu_ms - (earlier?.get(id)?.cpu_ms ?? 0))
      rss_bytes += use.rss_bytes
    }
    return { name, cpu_load: cpu_ms / (now.at - before.at), rss_bytes }
  })
}
