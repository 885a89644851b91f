// A killed container, started again by the swarm, and by one who does nothing else.
import { setTimeout as delay } from 'node:timers/promises'
import { until } from '@triage/bus/testing'
import type { ComposeSwarm } from '../../docker/compose-swarm.ts'
import type { RunOptions, Table } from '../lib/bench.ts'
import { Durations } from '../lib/durations.ts'
import { figure, ratio, verdict } from '../lib/markdown.ts'

const victim = 'catalog'
/** How many times the oracle's median the swarm's may be. */
export const targetRatio = 1.5

export interface Recoveries {
  oracle: Durations
  swarm: Durations
  /** Of the swarm's, until it has handed out the start. */
  decided: Durations
}

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

/** Both in turn, so often. */
export async function recoveries(bench: ComposeSwarm, rounds: number, log: RunOptions['log']): Promise<Recoveries> {
  // Nobody else reports.
  await bench.project.compose('stop', 'alertmanager')
  const took = { oracle: new Durations(), swarm: new Durations(), decided: new Durations() }
  for (let round = 0; round < rounds; round++) {
    await calm(bench)
    const oracle = await byOracle(bench)
    took.oracle.add(oracle)
    await calm(bench)
    const { decided, total } = await bySwarm(bench)
    took.decided.add(decided)
    took.swarm.add(total)
    log(`recovered by the oracle in ${figure(oracle)} ms, by the swarm in ${figure(total)} ms, of which ${figure(decided)} ms to decide`)
  }
  return took
}

export function recoveryTable(took: Recoveries): Table {
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
      ['target', `≤ ${targetRatio}×: ${verdict(median <= targetRatio)}`, '', '']
    ],
    note: 'Detected: the engine has told of the end; the report of a person has become an incident. Nobody else reports: Alertmanager is stopped. That the swarm goes on to check what it has done is not counted.'
  }
}
