import { setTimeout as delay } from 'node:timers/promises'
import { startComposeSwarm } from '../docker/compose-swarm.ts'
import { targetUse, useOver, useTable } from './docker/container-use.ts'
import { recoveries, recoveryTable, targetRatio } from './docker/recovery.ts'
import type { Bench, Outcome, RunOptions, Table } from './lib/bench.ts'
import { summaries } from './lib/durations.ts'
import { figure, verdict } from './lib/markdown.ts'

const targetUpMs = 30_000

const startTable = (upMs: number): Table => ({
  title: 'Start, ms',
  columns: ['', 'once', 'target'],
  rows: [
    ['docker compose up --wait, images present → all healthy', figure(upMs), `≤ ${figure(targetUpMs)}: ${verdict(upMs <= targetUpMs)}`]
  ]
})

async function run({ quick, log }: RunOptions): Promise<Outcome> {
  await using bench = await startComposeSwarm(`triage-bench-${process.pid}`)
  log(`up in ${bench.upMs} ms`)
  await delay(10_000)
  const seconds = quick ? 5 : 60
  const use = await useOver(bench.project.name, seconds)
  log(`idle: ${figure(use.reduce((sum, { cpu_percent }) => sum + cpu_percent, 0))} % of one core`)
  const took = await recoveries(bench, quick ? 1 : 10, log)
  return {
    tables: [startTable(bench.upMs), useTable(use, seconds), recoveryTable(took)],
    data: {
      up_ms: bench.upMs,
      idle: use,
      recovery_ms: summaries({ ...took }),
      target: { up_ms: targetUpMs, ...targetUse, ratio: targetRatio }
    },
    faults: []
  }
}

export const docker: Bench = {
  description: 'how long the swarm in containers takes to start, what it uses when idle, and how soon a killed container serves again',
  run
}
