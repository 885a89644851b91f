import { type Rehearsals, rehearseIncidents } from './dispatch/rehearsals.ts'
import { type Leg, replay } from './dispatch/replay.ts'
import type { Bench, Outcome, RunOptions, Table } from './lib/bench.ts'
import type { Summary } from './lib/durations.ts'
import { figure, ratio, verdict } from './lib/markdown.ts'

const target = { p99_ms: 250 }

const row = (name: string, { p50, p90, p99, max }: Summary): string[] => [name, ...[p50, p90, p99, max].map(figure)]
/** A few samples have no p99. */
const shortRow = (name: string, { p50, p90, max }: Summary): string[] => [name, ...[p50, p90, max].map(figure)]

const replayTable = (took: Record<Leg, Summary>): Table => ({
  title: `Deterministic dispatch, ${took.total.samples} incidents`,
  columns: ['', 'p50, ms', 'p90, ms', 'p99, ms', 'max, ms', `p99 ≤ ${target.p99_ms} ms`],
  rows: [
    [...row('observed → proposed', took.observed_to_proposed), ''],
    [...row('proposed → accepted', took.proposed_to_accepted), ''],
    [...row('accepted → dispatched', took.accepted_to_dispatched), ''],
    [...row('monitor about to say → dispatched seen', took.total), verdict(took.total.p99 <= target.p99_ms)],
    [...row('floor: as many raw durable hops', took.floor), ''],
    ['to the floor', ...(['p50', 'p90', 'p99', 'max'] as const).map((of) => ratio(took.total[of], took.floor[of])), '']
  ],
  note:
    'Planner and scheduler are the real processes on a real nats-server; the other roles say, with their keys, what they said in a real incident. ' +
    'The steps are between the moments at which JetStream kept the facts. The floor is four awaited publishes of the same lengths, each taken by another ' +
    'process before the next, in turn with the incidents on the same server.'
})

const rehearsalTable = ({ took }: Rehearsals): Table => ({
  title: `process-kill on the mini-cloud, ${took.total.samples} incidents from the report to the end`,
  columns: ['', 'p50, ms', 'p90, ms', 'max, ms'],
  rows: [
    shortRow('detect', took.detect),
    shortRow('plan', took.plan),
    shortRow('act', took.act),
    shortRow('verify', took.verify),
    shortRow('total', took.total),
    shortRow("monitor's observed → dispatched", took.from_monitor),
    shortRow('last observed → dispatched', took.from_last_collector)
  ],
  note:
    'By the times that the facts carry, in whole milliseconds. From the monitor to the dispatch the slowest collector is waited for. ' +
    'Verifying takes at least the three seconds for which the world must agree.'
})

async function run({ quick, log }: RunOptions): Promise<Outcome> {
  const rehearsals = await rehearseIncidents(quick ? 1 : 10, log)
  const rounds = quick ? 10 : 200
  const took = await replay(rehearsals.recording, rounds)
  log(`replayed an incident ${rounds} times, in turn with the floor`)
  return {
    tables: [replayTable(took), rehearsalTable(rehearsals)],
    data: { replay_ms: took, rehearsal_ms: rehearsals.took, target },
    faults: rehearsals.faults
  }
}

export const dispatch: Bench = {
  description: 'how long it takes from what the monitor sees to the first tasks handed out, and where the time of an incident goes',
  run
}
