import { setTimeout as delay } from 'node:timers/promises'
import { until } from '@triage/bus/testing'
import { type ComposeSwarm, startComposeSwarm } from '../docker/compose-swarm.ts'
import { type ContainerUse, useOver } from './docker/container-use.ts'
import type { Bench, Outcome, RunOptions, Table } from './lib/bench.ts'
import { Durations, summaries } from './lib/durations.ts'
import { figure, ratio, verdict } from './lib/markdown.ts'

const target = { up_ms: 30_000, cpu_percent: 3, memory_mb: 900, ratio: 1.5 }
const victim = 'catalog'

/** Whether the shop's users get what they ask the victim for. */
async function served({ world }: ComposeSwarm): Promise<boolean> {
  const answer = await fetch(`${world.storefrontUrl}/products/1`, { signal: AbortSignal.timeout(500) }).catch(() => null)
  await answer?.body?.cancel()
  return answer?.ok === true
}

/** Every incident has ended and no user meets an error: nothing of one round is left in the next. */
const calm = ({ session, stats }: ComposeSwarm): Promise<unknown> =>
  until(
    'the shop to be calm',
    async () => {
      await delay(500)
      return (await stats()).errors === 0 && [...(await session.stories()).values()].every(({ state }) => state.end)
    },
    120_000
  )

/** From the moment when the swarm has taken the report in: until it has handed out the start, and until users are served. */
async function bySwarm(bench: ComposeSwarm): Promise<{ decided: number; total: number }> {
  const { lastSeq } = await bench.session.bus.size('INCIDENTS')
  await bench.runtime.kill(victim, 'SIGKILL')
  await bench.session.report('customers cannot see any products')
  await bench.session.until(({ type }) => type === 'incident.opened.v1', { from: lastSeq + 1, timeoutMs: 10_000 })
  const detected = performance.now()
  await until('the users to be served', () => served(bench))
  const total = performance.now() - detected
  const { state } = await bench.session.story('last')
  const { dispatchedAt } = state.plans[0]!.tasks.start!
  return { decided: dispatchedAt - state.openedAt, total }
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

function recoveryTable(took: { oracle: Durations; decided: Durations; swarm: Durations }): Table {
  const [oracle, decided, swarm] = [took.oracle.summary, took.decided.summary, took.swarm.summary]
  const percentiles = ['p50', 'p90', 'p99'] as const
  const median = swarm.p50 / oracle.p50
  return {
    title: `A killed container, ms from its detection until users are served, ${swarm.samples} times each in turn`,
    columns: ['', ...percentiles],
    rows: [
      ['by one who starts it at once', ...percentiles.map((one) => figure(oracle[one]))],
      ['by the swarm', ...percentiles.map((one) => figure(swarm[one]))],
      ['of which until it has decided to start it', ...percentiles.map((one) => figure(decided[one]))],
      ['the swarm to the other', ...percentiles.map((one) => ratio(swarm[one], oracle[one]))],
      ['target', `≤ ${target.ratio}×: ${verdict(median <= target.ratio)}`, '', '']
    ],
    note: 'Detected: the engine has told of the end; the report of a person has become an incident. Nobody else reports: Alertmanager is stopped. That the swarm goes on to check what it has done is not counted.'
  }
}

async function run({ quick, log }: RunOptions): Promise<Outcome> {
  await using bench = await startComposeSwarm(`triage-bench-${process.pid}`)
  log(`up in ${bench.upMs} ms`)
  await delay(10_000)
  const seconds = quick ? 5 : 60
  const use = await useOver(bench.project.name, seconds)
  log(`idle: ${figure(use.reduce((sum, { cpu_percent }) => sum + cpu_percent, 0))} % of one core`)
  await bench.project.compose('stop', 'alertmanager')
  const took = { oracle: new Durations(), decided: new Durations(), swarm: new Durations() }
  for (let round = 0; round < (quick ? 1 : 10); round++) {
    await calm(bench)
    const oracle = await byOracle(bench)
    took.oracle.add(oracle)
    await calm(bench)
    const { decided, total } = await bySwarm(bench)
    took.decided.add(decided)
    took.swarm.add(total)
    log(`recovered by the oracle in ${figure(oracle)} ms, by the swarm in ${figure(total)} ms, of which ${figure(decided)} ms to decide`)
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
