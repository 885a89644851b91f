import { setTimeout as delay } from 'node:timers/promises'
import { until } from '@triage/bus/testing'
import { firing } from '@triage/incident'
import { type ComposeSwarm, startComposeSwarm } from '../docker/compose-swarm.ts'
import { type ContainerUse, useOver } from './docker/container-use.ts'
import type { Bench, Outcome, RunOptions, Table } from './lib/bench.ts'
import { Durations, summaries } from './lib/durations.ts'
import { figure, verdict } from './lib/markdown.ts'

const target = { up_ms: 30_000, cpu_percent: 3, memory_mb: 900, ratio: 1.5 }
const victim = 'catalog'

/** What the shop's users ask the victim for. */
async function served({ world }: ComposeSwarm): Promise<boolean> {
  const answer = await fetch(`${world.storefrontUrl}/products/1`, { signal: AbortSignal.timeout(2_000) }).catch(() => null)
  await answer?.body?.cancel()
  return answer?.ok === true
}

async function calm({ session, stats }: ComposeSwarm): Promise<void> {
  const isCalm = async (): Promise<boolean> => {
    const stories = [...(await session.stories()).values()]
    return stories.every(({ state }) => state.end && firing(state.alerts).length === 0) && (await stats()).errors === 0
  }
  await until('the shop to be calm', isCalm, 60_000)
  // Alerts of the fault before, on their way.
  await delay(5_000)
  await until('the shop to stay calm', isCalm, 60_000)
}

/** From the moment when the swarm has taken the report in. */
async function bySwarm(bench: ComposeSwarm): Promise<number> {
  const { lastSeq } = await bench.session.bus.size('INCIDENTS')
  await bench.runtime.kill(victim, 'SIGKILL')
  await bench.session.report('customers cannot see any products')
  await bench.session.until(({ type }) => type === 'incident.opened.v1', { from: lastSeq + 1, timeoutMs: 10_000 })
  const detected = performance.now()
  await until('the users to be served', () => served(bench))
  return performance.now() - detected
}

/** By one who knows that nothing but a start will be needed, from the moment when the engine tells of the end. */
async function byOracle(bench: ComposeSwarm): Promise<number> {
  const stop = new AbortController()
  const events = bench.runtime.watch(stop.signal)
  const ended = (async () => {
    for await (const { kind, name } of events) if (kind === 'exit' && name === victim) return
  })()
  // The watch has begun when it has listed what there is.
  await delay(1_000)
  await bench.runtime.kill(victim, 'SIGKILL')
  await ended
  const detected = performance.now()
  await bench.runtime.start(victim)
  await until('the users to be served', () => served(bench))
  stop.abort()
  return performance.now() - detected
}

function useTable(use: readonly ContainerUse[], seconds: number): Table {
  const sum = (of: 'cpu_percent' | 'memory_mb'): number => use.reduce((total, one) => total + one[of], 0)
  return {
    title: `The idle swarm, over ${seconds} s`,
    columns: ['container', 'CPU, % of one core', 'memory, MB'],
    rows: [
      ...use.map(({ service, cpu_percent, memory_mb }) => [service, figure(cpu_percent), figure(memory_mb)]),
      ['all', figure(sum('cpu_percent')), figure(sum('memory_mb'))],
      [
        'target',
        `≤ ${target.cpu_percent}: ${verdict(sum('cpu_percent') <= target.cpu_percent)}`,
        `≤ ${target.memory_mb}: ${verdict(sum('memory_mb') <= target.memory_mb)}`
      ]
    ],
    note: 'By their cgroups, health checks among it. The shop is under load and is not counted, nor are its customers, Prometheus and Alertmanager.'
  }
}

function recoveryTable(took: { swarm: Durations; oracle: Durations }): Table {
  const { swarm, oracle } = { swarm: took.swarm.summary, oracle: took.oracle.summary }
  const ratio = swarm.p50 / oracle.p50
  return {
    title: `A killed container, ms from its detection until users are served, ${swarm.samples} times each in turn`,
    columns: ['', 'median', 'slowest'],
    rows: [
      ['by one who starts it at once', figure(oracle.p50), figure(oracle.max)],
      ['by the swarm', figure(swarm.p50), figure(swarm.max)],
      ['ratio', figure(ratio), `≤ ${target.ratio}: ${verdict(ratio <= target.ratio)}`]
    ]
  }
}

async function run({ quick, log }: RunOptions): Promise<Outcome> {
  await using bench = await startComposeSwarm(`triage-bench-${process.pid}`)
  log(`up in ${bench.upMs} ms`)
  await delay(10_000)
  const seconds = quick ? 5 : 60
  const use = await useOver(bench.project.name, seconds)
  log(`idle: ${figure(use.reduce((sum, { cpu_percent }) => sum + cpu_percent, 0))} % of one core`)
  const took = { oracle: new Durations(), swarm: new Durations() }
  for (let round = 0; round < (quick ? 1 : 5); round++) {
    for (const [name, recover] of [
      ['oracle', byOracle],
      ['swarm', bySwarm]
    ] as const) {
      await calm(bench)
      const ms = await recover(bench)
      took[name].add(ms)
      log(`recovered by the ${name} in ${figure(ms)} ms`)
    }
  }
  const start: Table = {
    title: 'Start, ms',
    columns: ['', 'once', 'target'],
    rows: [
      [
        'docker compose up --wait, images present → all healthy',
        figure(bench.upMs),
        `≤ ${figure(target.up_ms)}: ${verdict(bench.upMs <= target.up_ms)}`
      ]
    ]
  }
  return {
    tables: [start, useTable(use, seconds), recoveryTable(took)],
    data: { up_ms: bench.upMs, idle: use, recovery_ms: summaries(took), target },
    faults: []
  }
}

export const docker: Bench = {
  description: 'how long the swarm in containers takes to start, what it uses when idle, and how soon a killed container serves again',
  run
}
