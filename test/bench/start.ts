import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { compileCache } from '../../cli/src/launcher/compile-cache.ts'
import type { Bench, Outcome, RunOptions, Table } from './lib/bench.ts'
import { Durations, summaries } from './lib/durations.ts'
import { figure, verdict } from './lib/markdown.ts'
import type { Part, Start } from './start-once.ts'

const target = { ready_ms: 5_000, rss_mb: 700 }

async function startOnce(idleMs: number): Promise<Start> {
  const env = { ...process.env, NODE_COMPILE_CACHE: compileCache }
  const child = fork(join(import.meta.dirname, 'start-once.ts'), [String(idleMs)], { env, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
  let start: Start | undefined
  child.once('message', (message) => {
    start = message as Start
  })
  const [code] = await once(child, 'exit')
  if (!start || code !== 0) throw new Error(`a swarm did not start, or did not stop: status ${code}`)
  return start
}

interface Idle {
  parts: string
  rss_mb: number
  pss_mb: number | null
  /** Percent of one core. */
  cpu_percent: number
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!

/** The medians over all starts of what some parts use together. */
function idleOf(starts: readonly Start[], idleMs: number, parts: readonly Part[]): Idle {
  const total = (of: 'rss_mb' | 'pss_mb' | 'cpu_ms'): number =>
    median(starts.map(({ idle }) => parts.reduce((sum, part) => sum + (idle[part][of] ?? Number.NaN), 0)))
  const pss = total('pss_mb')
  return {
    parts: parts.join(' + ').replaceAll('_', '-').replace('processes', `${starts[0]!.processes} processes`),
    rss_mb: total('rss_mb'),
    pss_mb: Number.isNaN(pss) ? null : pss,
    cpu_percent: (total('cpu_ms') / idleMs) * 100
  }
}

function startTable({ ready, steady }: { ready: Durations; steady: Durations }): Table {
  const row = (name: string, { summary }: Durations, goal: string): string[] => [name, figure(summary.p50), figure(summary.max), goal]
  return {
    title: `Start, ms, ${ready.summary.samples} times`,
    columns: ['', 'median', 'slowest', 'target'],
    rows: [
      row('programs at hand → every role ready', ready, `≤ ${figure(target.ready_ms)}: ${verdict(ready.summary.max <= target.ready_ms)}`),
      row('launcher started → the shop is steady', steady, '')
    ]
  }
}

const idleTable = (idle: readonly Idle[], idleMs: number): Table => ({
  title: `The idle swarm, over ${idleMs / 1000} s`,
  columns: ['', 'RSS, MB', 'PSS, MB', 'CPU, % of one core', 'target for RSS'],
  rows: idle.map(({ parts, rss_mb, pss_mb, cpu_percent }) => [
    parts,
    figure(rss_mb),
    pss_mb === null ? '–' : figure(pss_mb),
    figure(cpu_percent),
    `≤ ${target.rss_mb} MB: ${verdict(rss_mb <= target.rss_mb)}`
  ]),
  note: 'RSS counts a page that processes share once in each, PSS once altogether. No incident is open; the mini-cloud is under load and is not counted.'
})

async function run({ quick, log }: RunOptions): Promise<Outcome> {
  const rounds = quick ? 1 : 5
  const idleMs = quick ? 1_000 : 10_000
  const starts: Start[] = []
  for (let round = 1; round <= rounds; round++) {
    starts.push(await startOnce(idleMs))
    log(`start ${round} of ${rounds}: ready in ${figure(starts.at(-1)!.ready_ms)} ms`)
  }
  const took = { ready: new Durations(), steady: new Durations() }
  for (const { ready_ms, steady_ms } of starts) {
    took.ready.add(ready_ms)
    took.steady.add(steady_ms)
  }
  const parts: Part[][] = [['processes'], ['processes', 'nats_server'], ['processes', 'nats_server', 'launcher']]
  const idle = parts.map((some) => idleOf(starts, idleMs, some))
  return {
    tables: [startTable(took), idleTable(idle, idleMs)],
    data: { took_ms: summaries(took), idle, idle_ms: idleMs, target },
    faults: []
  }
}

export const start: Bench = { description: 'how long a swarm takes to start, and what it uses when idle', run }
