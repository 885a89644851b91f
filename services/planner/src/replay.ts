// Plans a recorded incident again, from its facts alone. Each proposal of a planner must come out as it was, byte for byte: what a model
// answered then is taken from a recording (or asked of a model, to see what it would have said).
//
// Not a part of the facts, and so not replayed: how long models took. Who had run out of time then is asked again here, and is missed in
// the recording; the plan is the rulebook's all the same.
import type { PlanProposed } from '@triage/contracts'
import { type Fact, fold, type IncidentState, initialState } from '@triage/incident'
import { redactFields } from '@triage/redact'
import { decide, type Rulebook } from '@triage/rulebook'
import type { Consultant } from './consultant.ts'
import { type Consulted, nobodyAsked } from './consulted.ts'
import type { Desk } from './desk.ts'
import { afterAttempts, inputOf, modelProposal, rulebookProposal } from './proposal.ts'

export interface Replayed {
  incident_id: string
  /** As it is on record. */
  recorded: PlanProposed
  /** What the same facts give now. */
  now: PlanProposed
  /** Byte for byte. */
  same: boolean
}

interface Planned {
  incident_id: string
  recorded: PlanProposed
  /** The incident, and all that are known, as they were when it was planned. */
  state: IncidentState
  known: readonly IncidentState[]
}

/** What planners have proposed, in order, each with what they knew: a plan is dated by the last fact that it follows from. */
function* plannedIn(facts: readonly Fact[]): Generator<Planned> {
  for (const [i, fact] of facts.entries()) {
    if (fact.type !== 'incident.plan-proposed.v1' || fact.issuer !== 'planner') continue
    const until = Date.parse(fact.payload.plan.created_at)
    const states = new Map<string, IncidentState>()
    for (const earlier of facts.slice(0, i)) {
      if (earlier.at > until) continue
      const { incident_id } = earlier
      states.set(incident_id, fold(states.get(incident_id) ?? initialState(incident_id), earlier))
    }
    const state = states.get(fact.incident_id)
    if (state) yield { incident_id: fact.incident_id, recorded: fact.payload, state, known: [...states.values()] }
  }
}

/** Has models asked about what is put on the desk. */
export type Open = (desk: Desk) => Promise<Consultant>

/** Whoever sits at it knows what was known then, and leaves nothing on record. */
function deskOf(known: () => readonly IncidentState[]): Desk {
  const quiet = (): void => {}
  return {
    incidents: { known: () => known().map((state) => ({ state })) },
    outbox: { record: async () => ({ seq: 0, duplicate: false }) },
    log: { info: quiet, warn: quiet }
  }
}

const { signal } = new AbortController()

function consult(consultant: Consultant, { state, recorded }: Planned, rulebook: Rulebook): Promise<Consulted> {
  const input = inputOf(state)
  const { hypotheses } = decide(rulebook, input)
  // Time that has passed since is no part of the question: the round begins now.
  const tracked = { state: { ...state, roundAt: Date.now() }, traceparent: '', cause: '' }
  return consultant.consult(tracked, input.inventory, recorded.plan.plan_version, hypotheses, signal)
}

export interface ReplayOptions {
  rulebook: Rulebook
  /** Null: no model is asked. */
  open: Open | null
  /** An incident; null: all of them. */
  only: string | null
}

/** @param facts of every incident, in their order */
export async function* replay(facts: readonly Fact[], { rulebook, open, only }: ReplayOptions): AsyncGenerator<Replayed> {
  let known: readonly IncidentState[] = []
  const consultant = open && (await open(deskOf(() => known)))
  for (const planned of plannedIn(facts)) {
    const { incident_id, recorded, state } = planned
    if (only !== null && incident_id !== only) continue
    known = planned.known
    const consulted = consultant ? await consult(consultant, planned, rulebook) : nobodyAsked
    const proposed = consulted.accepted
      ? modelProposal(rulebook, state, consulted.accepted)
      : rulebookProposal(rulebook, state, recorded.plan.plan_version)
    // As it would be said: without secrets.
    const now = redactFields(afterAttempts(proposed, consulted))
    yield { incident_id, recorded, now, same: JSON.stringify(now) === JSON.stringify(recorded) }
  }
}
