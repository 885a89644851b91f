// What the swarm's containers use, as the engine reads it from their cgroups.
import { setTimeout as delay } from 'node:timers/promises'
import Docker from 'dockerode'
import type { Table } from '../lib/bench.ts'
import { figure, verdict } from '../lib/markdown.ts'

export interface ContainerUse {
  service: string
  /** Of one core. */
  cpu_percent: number
  /** Resident, without the page cache. */
  memory_mb: number
}

interface Reading {
  at: number
  cpuNs: number
  memoryMb: number
}

/** Of all together. */
export const targetUse = { cpu_percent: 3, memory_mb: 900 }
/** Not the swarm, though in its project. */
const beside = new Set(['loadgen', 'prometheus', 'alertmanager'])
const engine = new Docker({ socketPath: '/var/run/docker.sock' })

async function read(id: string): Promise<Reading> {
  const { cpu_stats, memory_stats } = await engine.getContainer(id).stats({ stream: false, 'one-shot': true })
  const { total_rss, anon } = memory_stats.stats as unknown as { total_rss?: number; anon?: number }
  return { at: performance.now(), cpuNs: cpu_stats.cpu_usage.total_usage, memoryMb: (total_rss ?? anon ?? memory_stats.usage) / 1e6 }
}

/** Of each container of the swarm, by name. @param project that it is in */
export async function useOver(project: string, seconds: number): Promise<ContainerUse[]> {
  const labels = [`com.docker.compose.project=${project}`, 'triage.watch=false']
  const found = (await engine.listContainers({ filters: { label: labels } }))
    .map(({ Id, Labels }) => ({ id: Id, service: Labels['com.docker.compose.service']! }))
    .filter(({ service }) => !beside.has(service))
    .toSorted((a, b) => a.service.localeCompare(b.service))
  const before = await Promise.all(found.map(({ id }) => read(id)))
  await delay(seconds * 1000)
  const after = await Promise.all(found.map(({ id }) => read(id)))
  return found.map(({ service }, index) => {
    const [first, last] = [before[index]!, after[index]!]
    return { service, cpu_percent: ((last.cpuNs - first.cpuNs) / 1e6 / (last.at - first.at)) * 100, memory_mb: last.memoryMb }
  })
}

export function useTable(use: readonly ContainerUse[], seconds: number): Table {
  const sum = (of: 'cpu_percent' | 'memory_mb'): number => use.reduce((total, one) => total + one[of], 0)
  return {
    title: `The idle swarm, over ${seconds} s`,
    columns: ['container', 'CPU, % of one core', 'memory, MB'],
    rows: [
      ...use.map(({ service, cpu_percent, memory_mb }) => [service, figure(cpu_percent), figure(memory_mb)]),
      ['all', figure(sum('cpu_percent')), figure(sum('memory_mb'))],
      [
        'target',
        `≤ ${targetUse.cpu_percent}: ${verdict(sum('cpu_percent') <= targetUse.cpu_percent)}`,
        `≤ ${targetUse.memory_mb}: ${verdict(sum('memory_mb') <= targetUse.memory_mb)}`
      ]
    ],
    note: 'By their cgroups, health checks among it. The shop is under load and is not counted, nor are its customers, Prometheus and Alertmanager.'
  }
}
