// A whole swarm with its mini-cloud, for one test file.

import { practiceShop, type ShopOptions } from '@triage/cli/practice-shop'
import { type Rehearsal, rehearse, type World, worldOf } from '@triage/cli/rehearsal'
import { Session } from '@triage/cli/session'
import { Swarm } from '@triage/cli/swarm'
import { timelineLine } from '@triage/cli/timeline'
import type { Fact } from '@triage/incident'
import { findScenario } from '@triage/scenarios'

export interface Bench extends AsyncDisposable {
  swarm: Swarm
  session: Session
  world: World
  /** Rehearses a scenario. `onFact` may meddle. */
  rehearse(name: string, options?: { seed?: number; endMs?: number; onFact?: (fact: Fact) => void }): Promise<Rehearsal>
}

/** @param rules who decides, if not the policies alone */
export async function startBench(rules: ShopOptions['rules'] = {}, { signal } = new AbortController()): Promise<Bench> {
  const quiet = (): void => {}
  // TRIAGE_TEST_VERBOSE=1 shows each incident as it goes.
  const show = process.env.TRIAGE_TEST_VERBOSE ? (fact: Fact): void => console.error(timelineLine(fact, 0)) : quiet
  // Nobody is there to answer, unless a test says so.
  process.env.TRIAGE_QUESTION_MS ??= '0'
  const swarm = await Swarm.up({
    admit: practiceShop({ seed: 1, rules }),
    data: null,
    natsPort: null,
    log: (line) => process.stderr.write(`${line}\n`),
    signal
  })
  const session = await Session.open(swarm.data)
  const world = worldOf(swarm)
  return {
    swarm,
    session,
    world,
    rehearse: async (name, { seed = 0, endMs, onFact = quiet } = {}) =>
      rehearse(world, session, {
        scenario: await findScenario(name),
        seed,
        endMs,
        signal,
        log: quiet,
        onFact: (fact) => {
          show(fact)
          onFact(fact)
        }
      }),
    [Symbol.asyncDispose]: async () => {
      await session[Symbol.asyncDispose]()
      await swarm.close()
    }
  }
}

/** Why a rehearsal failed, for people; '' when it did not. */
export const faultsOf = ({ checks, state }: Rehearsal): string =>
  checks
    .filter(({ ok }) => !ok)
    .map(({ name, detail }) => `${name}: ${detail}`)
    .concat(checks.every(({ ok }) => ok) ? [] : [state.end?.summary ?? 'it has not ended'])
    .join('\n')
