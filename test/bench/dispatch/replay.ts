// The path from what the monitor saw to the first tasks handed out, many times: the real planner and scheduler decide a
// recorded incident again and again, in turn with the floor.
import type { Bus, Stored } from '@triage/bus'
import { until } from '@triage/bus/testing'
import type { TasksDispatched } from '@triage/contracts'
import type { Fact } from '@triage/incident'
import { Durations, type Summary, summaries } from '../lib/durations.ts'
import { startDeciders } from './deciders.ts'
import { Floor, type Sizes } from './floor.ts'
import { StandIns } from './stand-ins.ts'
import { type Step, steps, Watcher } from './watcher.ts'

const warmUp = 10
/** What has not come by then will not come. */
const patienceMs = 15_000

export type Leg = 'observed_to_proposed' | 'proposed_to_accepted' | 'accepted_to_dispatched' | 'total' | 'floor'

interface Dispatched {
  /** From before the monitor says what it sees to the arrival of the fact that tasks were handed out. */
  ms: number
  seen: Record<Step, Stored>
}

/** Lets the recorded incident happen once more, under a new name, until its first tasks are handed out. */
class Replayer {
  readonly #bus: Bus
  readonly #standIns: StandIns
  readonly #watcher: Watcher
  #incidents = 0
  #commands = 0

  constructor(bus: Bus, standIns: StandIns, watcher: Watcher) {
    this.#bus = bus
    this.#standIns = standIns
    this.#watcher = watcher
  }

  async round(): Promise<Dispatched> {
    const incident = `inc-20260101-${++this.#incidents}`
    await this.#standIns.prepare(incident)
    const all = this.#watcher.all(incident)
    const began = performance.now()
    await this.#standIns.observe(incident)
    const seen = await inTime(all, incident)
    const ms = performance.now() - began
    await this.#settle(seen.dispatched)
    await this.#standIns.end(incident)
    return { ms, seen }
  }

  /** The commands to the agents follow. They are not part of the path and must not disturb what is timed next. */
  async #settle({ body }: Stored): Promise<void> {
    const { payload } = JSON.parse(new TextDecoder().decode(body)) as { payload: TasksDispatched }
    this.#commands += payload.tasks.length
    await until(`${this.#commands} commands`, async () => (await this.#bus.size('TASKS')).messages === this.#commands)
  }
}

/** @param recording facts of an incident in which tasks were handed out */
export async function replay(recording: readonly Fact[], rounds: number): Promise<Record<Leg, Summary>> {
  await using deciders = await startDeciders()
  const { server, bus, keys, folder, start } = deciders
  await using standIns = await StandIns.open(bus, keys, recording)
  await using watcher = await Watcher.open(bus)
  const replayer = new Replayer(bus, standIns, watcher)
  const { seen } = await replayer.round()
  const sizes = Object.fromEntries(steps.map((step) => [step, seen[step].body.byteLength])) as Sizes
  await using floor = await Floor.open(server, sizes, folder, start)
  for (let round = 0; round < warmUp; round++) await once(replayer, floor)
  const took = {
    observed_to_proposed: new Durations(),
    proposed_to_accepted: new Durations(),
    accepted_to_dispatched: new Durations(),
    total: new Durations(),
    floor: new Durations()
  }
  for (let round = 0; round < rounds; round++) {
    const times = await once(replayer, floor)
    for (const leg of Object.keys(took) as Leg[]) took[leg].add(times[leg])
  }
  return summaries(took)
}

/** One round of the floor, one of the product. Milliseconds. */
async function once(replayer: Replayer, floor: Floor): Promise<Record<Leg, number>> {
  const floorMs = await inTime(floor.round(), 'the floor')
  const { ms, seen } = await replayer.round()
  return {
    observed_to_proposed: seen.proposed.at - seen.observed.at,
    proposed_to_accepted: seen.accepted.at - seen.proposed.at,
    accepted_to_dispatched: seen.dispatched.at - seen.accepted.at,
    total: ms,
    floor: floorMs
  }
}

async function inTime<T>(promise: Promise<T>, what: string): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(new Error(`waited ${patienceMs} ms in vain for ${what}`)), patienceMs)
  return Promise.race([promise, late]).finally(() => clearTimeout(timer))
}
