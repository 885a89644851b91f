import { type Collector, type Inventory, limits, type Observation } from '@triage/contracts'
import { type IncidentState, mayCollect } from '@triage/incident'
import type { Actor, Running } from './process.ts'
import { Reconciler } from './reconciler.ts'

/** Looks at the world for an incident's current round. `prefix` makes the observations' ids unique in the incident. */
type Collect = (state: IncidentState, prefix: string) => Promise<{ observations: Observation[]; inventory?: Inventory }>

const abbreviation: Record<Collector, string> = { monitor: 'mo', 'log-agent': 'la', 'metric-agent': 'ma' }

/** Makes a process a collector: whenever a round starts it looks, once, and says what it sees. */
export async function collect(actor: Actor, look: Collect): Promise<Running> {
  const collector = actor.role as Collector
  const reconciler = new Reconciler(async (id) => {
    const incident = actor.incidents.get(id)
    if (!incident || !mayCollect(incident.state, collector)) return null
    const { round } = incident.state
    const started = performance.now()
    const { observations, inventory } = await look(incident.state, `obs-${abbreviation[collector]}-r${round}`)
    const kept = observations.slice(0, limits.observations_per_collector)
    const payload = {
      round,
      collector,
      observations: kept,
      omitted: observations.length - kept.length,
      ...(inventory && { inventory }),
      took_ms: performance.now() - started
    }
    await actor.outbox.fact(
      id,
      { type: 'incident.observed.v1', key: `${round}:${collector}`, payload },
      { traceparent: incident.traceparent, cause: incident.cause }
    )
    return null
  }, actor.log)
  const following = await actor.incidents.follow(({ state }) => reconciler.wake(state.id))
  return { inFlight: () => reconciler.busy, stop: async () => void (await Promise.all([following.stop(), reconciler.stop()])) }
}
