import { type Actor, collect, type Running, type Tracked } from '@triage/actor'
import type { Observation } from '@triage/contracts'
import { awaited, type IncidentState } from '@triage/incident'
import { isCertain } from './certainty.ts'
import { disagreements } from './disagreements.ts'
import { inventoryOf } from './inventory.ts'
import { lapse } from './lapse.ts'
import { observe } from './observe.ts'
import { usualOf } from './usual.ts'
import { verify, type Watched } from './verify.ts'
import type { Look, World } from './world.ts'

/** While an incident is open, and does not wait for humans alone, the monitor looks this much more often. */
const openSpeedUp = 4
/** A probe that fails for the first time may be noise: the monitor waits for a second look before it reports. */
const confirmMs = 5_500

const unseen: Watched = { agreesSince: null, checks: 0, lastDisagreements: [] }

/** What is judged: a plan that finished, or what a plan asks of humans. Null while a plan is made or carried out, and once it was judged. */
function judged(state: IncidentState): string | null {
  const run = state.plans.at(-1)
  if (run?.finished) return run.deviation ? null : `plan ${run.plan.plan_version}`
  const asked = awaited(state).map(({ approval_id }) => approval_id)
  return asked.length > 0 ? asked.join() : null
}

/** Looks at the world without a pause, says what it sees when a round starts, and is the only one who says that an incident recovered. */
export class Monitor {
  readonly #actor: Actor
  readonly #world: World
  readonly #intervalMs: number
  #last: Look | null = null
  /** For each open incident, what was seen since there was something to judge, and what that is. */
  readonly #watched = new Map<string, Watched & { of: string }>()
  #lookNow: () => void = () => {}
  #stopped = false

  constructor(actor: Actor, world: World, intervalMs: number) {
    this.#actor = actor
    this.#world = world
    this.#intervalMs = intervalMs
  }

  async start(): Promise<Running> {
    const looking = this.#lookAgainAndAgain()
    const collecting = await collect(this.#actor, async (_, prefix) => this.#report(prefix))
    return {
      inFlight: () => collecting.inFlight!(),
      stop: async () => {
        this.#stopped = true
        await Promise.all([collecting.stop(), looking])
      }
    }
  }

  async #lookAgainAndAgain(): Promise<void> {
    while (!this.#stopped) {
      const started = performance.now()
      try {
        this.#last = await this.#world.look(usualOf(this.#actor.incidents.open().map(({ state }) => state)))
        await this.#judge(this.#last)
      } catch (error) {
        this.#actor.log.warn({ err: error }, 'could not look at the world')
        this.#watched.clear()
      }
      const busy = this.#actor.incidents.open().some(({ state }) => awaited(state).length === 0)
      const interval = busy ? this.#intervalMs / openSpeedUp : this.#intervalMs
      await this.#pause(Math.max(20, interval - (performance.now() - started)))
    }
  }

  /** Waits for the next look, or until somebody wants to know now. */
  #pause(ms: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    const timer = setTimeout(resolve, ms)
    this.#lookNow = resolve
    return promise.finally(() => clearTimeout(timer))
  }

  /** What is seen from now on, not what was seen before; and once it is certain. */
  async #report(prefix: string): Promise<{ observations: Observation[]; inventory: ReturnType<typeof inventoryOf> }> {
    const asked = Date.now()
    const deadline = performance.now() + confirmMs
    const fresh = (look: Look | null): look is Look => look !== null && look.startedAt >= asked
    while (!(fresh(this.#last) && isCertain(this.#last)) && performance.now() < deadline) {
      this.#lookNow()
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    const look = this.#last ?? (await this.#world.look())
    return { observations: await observe(look, this.#world, prefix), inventory: inventoryOf(this.#world.runtime, look.workloads, look.at) }
  }

  async #judge(look: Look): Promise<void> {
    const wrong = disagreements(look)
    const open = this.#actor.incidents.open()
    for (const incident of open) await this.#judgeOne(incident, look, wrong)
    const ids = new Set(open.map(({ state }) => state.id))
    for (const id of this.#watched.keys()) if (!ids.has(id)) this.#watched.delete(id)
  }

  async #judgeOne({ state, traceparent, cause }: Tracked, look: Look, wrong: string[]): Promise<void> {
    const of = judged(state)
    if (of === null) return
    const before = this.#watched.get(state.id)
    const past = before?.of === of ? before : unseen
    const watched: Watched =
      wrong.length > 0
        ? { agreesSince: null, checks: 0, lastDisagreements: wrong }
        : { ...past, agreesSince: past.agreesSince ?? look.at, checks: past.checks + 1 }
    this.#watched.set(state.id, { ...watched, of })
    for (const verdict of [verify(state, watched, look.at) ?? [], lapse(state, watched, look.at)].flat()) {
      await this.#actor.outbox.fact(state.id, verdict, { traceparent, cause })
      this.#actor.log.info({ incident_id: state.id, fact: verdict.type }, 'said')
    }
  }
}
