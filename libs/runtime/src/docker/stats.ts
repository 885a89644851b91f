// What containers use: CPU from two readings, memory without the page cache.
import { setTimeout as delay } from 'node:timers/promises'
import type { ContainerStats } from 'dockerode'
import type { WorkloadStats } from '../port.ts'
import type { Engine } from './engine.ts'
import type { Project } from './project.ts'

/** By container. */
type Reading = Map<string, { workload: string } & Use>
interface Use {
  at_ns: bigint
  cpu_ns: number
  rss_bytes: number
  /** The machine's memory where no limit was set. */
  memory_limit_bytes: number
}

/** A load is an average over at least this long, else it is noise, and over at most `staleMs`, else it is history. */
const windowMs = 250
const staleMs = 10_000

/** It is asked by several at once, each at its own pace; they share readings. */
export class StatsMeter {
  readonly #engine: Engine
  readonly #project: Project
  #last: { at: number; reading: Reading } | undefined
  #result: WorkloadStats[] = []
  #pending: Promise<WorkloadStats[]> | undefined

  constructor(engine: Engine, project: Project) {
    this.#engine = engine
    this.#project = project
  }

  stats(): Promise<WorkloadStats[]> {
    this.#pending ??= this.#read().finally(() => {
      this.#pending = undefined
    })
    return this.#pending
  }

  async #read(): Promise<WorkloadStats[]> {
    const age = performance.now() - (this.#last?.at ?? Number.NEGATIVE_INFINITY)
    if (age < windowMs) return this.#result
    if (age > staleMs) {
      this.#last = await this.#take()
      await delay(windowMs)
    }
    let { at, reading } = await this.#take()
    let before = this.#last!.reading
    if ([...reading.keys()].some((id) => !before.has(id))) {
      // What has come meanwhile has nothing yet that it could be compared with, and may be what matters.
      before = new Map([...reading, ...before])
      await delay(windowMs)
      ;({ at, reading } = await this.#take())
    }
    this.#result = compare(before, reading)
    this.#last = { at, reading }
    return this.#result
  }

  async #take(): Promise<{ at: number; reading: Reading }> {
    const running = (await this.#project.services()).flatMap(({ name, containers }) =>
      containers.filter(({ State }) => State.Running).map(({ Id }) => ({ id: Id, workload: name }))
    )
    const entries = await Promise.all(running.map(async ({ id, workload }) => [id, { workload, ...(await this.#readOne(id)) }] as const))
    return { at: performance.now(), reading: new Map(entries.filter(([, { cpu_ns }]) => cpu_ns !== undefined)) as Reading }
  }

  async #readOne(id: string): Promise<Partial<Use>> {
    const options = { stream: false, 'one-shot': true } as const
    const stats = await this.#engine.ask(() => this.#engine.quick.getContainer(id).stats(options), { fine: [404, 409] })
    // A container that has just ended answers with zeros.
    if (!stats?.cpu_stats?.cpu_usage?.total_usage) return {}
    return {
      at_ns: nanoseconds(stats.read),
      cpu_ns: stats.cpu_stats.cpu_usage.total_usage,
      rss_bytes: residentBytes(stats),
      memory_limit_bytes: stats.memory_stats.limit
    }
  }
}

/** cgroup v1 tells the resident set, v2 anonymous memory; neither has the page cache in it. */
export function residentBytes({ memory_stats: { usage = 0, stats } }: Pick<ContainerStats, 'memory_stats'>): number {
  const figures = (stats ?? {}) as unknown as Record<string, number | undefined>
  return figures.total_rss ?? figures.anon ?? Math.max(0, usage - (figures.total_inactive_file ?? figures.inactive_file ?? 0))
}

function compare(before: Reading, now: Reading): WorkloadStats[] {
  const byWorkload = Map.groupBy(now, ([, { workload }]) => workload)
  return [...byWorkload].map(([name, containers]) => {
    const load = containers.map(([id, { at_ns, cpu_ns }]) => {
      const earlier = before.get(id)
      // One that was not there before, or was started again since, has no load to tell of yet.
      if (!earlier || at_ns <= earlier.at_ns || cpu_ns < earlier.cpu_ns) return 0
      return (cpu_ns - earlier.cpu_ns) / Number(at_ns - earlier.at_ns)
    })
    const total = (of: 'rss_bytes' | 'memory_limit_bytes') => sum(containers.map(([, use]) => use[of]))
    return { name, cpu_load: sum(load), rss_bytes: total('rss_bytes'), memory_limit_bytes: total('memory_limit_bytes') }
  })
}

const sum = (numbers: number[]) => numbers.reduce((a, b) => a + b, 0)

/** RFC 3339 with nanoseconds, as since the epoch. */
function nanoseconds(time: string): bigint {
  const fraction = /\.(\d+)/.exec(time)?.[1] ?? ''
  return BigInt(Math.floor(Date.parse(time) / 1000)) * 1_000_000_000n + BigInt(fraction.padEnd(9, '0').slice(0, 9))
}
