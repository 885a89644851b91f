// Whether what a model claims rests on what was seen.
import type { ErrorReport, Observation } from '@triage/contracts'
import { healthReport } from '@triage/rulebook'
import { type Topology, topologyOf } from '@triage/rulebook/topology'
import type { Answer } from './answer.ts'
import type { Briefing, Offer } from './briefing.ts'
import { weigh } from './evidence.ts'

export interface Grounds {
  /** What was named and supports the hypothesis. */
  evidence: Observation[]
  /** Claims that nothing supports, as sentences: shown apart from the others. */
  unsupported: string[]
}

/** Whether one can make the other fail. */
export const related = (a: string, b: string, { dependenciesOf }: Topology): boolean =>
  a === b || dependenciesOf(a).has(b) || dependenciesOf(b).has(a)

/**
 * Evidence exists, is a symptom or a complaint and not just something that happened, and was seen at the blamed service, at what it
 * needs, or at what needs it.
 */
export function groundsOf({ service, evidence, statement }: Answer, { rulebook, inventory }: Briefing, offer: Offer): Grounds {
  const topology = topologyOf(inventory)
  const named = evidence.map((alias) => ({ alias, observation: offer.evidence.find((one) => one.alias === alias)?.observation }))
  const supports = (observation: Observation): boolean =>
    weigh(rulebook, observation, topology) < 2 && (service === null || related(service, observation.service, topology))
  const unsupported = named.flatMap(({ alias, observation }) => {
    if (!observation) return [`It names ${alias}, which is no evidence that it was given.`]
    return supports(observation) ? [] : [`It names ${alias}, which does not speak for it: ${observation.summary}`]
  })
  const supporting = named.flatMap(({ observation }) => (observation && supports(observation) ? [observation] : []))
  return {
    evidence: supporting,
    unsupported: supporting.length === 0 && statement ? [statement, ...unsupported] : unsupported
  }
}

/** Whether "nothing to do" may be believed: no probe, state or metric says that a service is ill. The errors say which do. */
export function probesAgree({ rulebook, observations, inventory }: Briefing): ErrorReport[] {
  const { ill, evidence } = healthReport(rulebook.health, { observations, topology: topologyOf(inventory) })
  if (ill.length === 0) return []
  const seen = evidence.slice(0, 3).map(({ summary }) => summary)
  return [{ code: 'E_ANSWER_DISAGREES', message: `something is to do: ${ill.slice(0, 5).join(', ')} not well: ${seen.join('; ')}` }]
}
