import { type Actor, Reconciler, type Running, type Tracked } from '@triage/actor'
import type { PlanProposed } from '@triage/contracts'
import { planningNeed } from '@triage/incident'
import { decide, type Rulebook } from '@triage/rulebook'
import type { Consultant } from './consultant.ts'
import { type Consulted, nobodyAsked } from './consulted.ts'
import { recordRun } from './planner-run.ts'
import { afterAttempts, inputOf, modelProposal, rulebookProposal } from './proposal.ts'

/**
 * Turns what the collectors saw into a plan, once a round, and puts on record what went in and what came out. Models are asked first,
 * if there are any; the rulebook stands behind them.
 */
export class Planner {
  readonly #actor: Actor
  readonly #rulebook: Rulebook
  readonly #consultant: Consultant | null
  readonly #reconciler: Reconciler
  readonly #stopping = new AbortController()

  constructor(actor: Actor, rulebook: Rulebook, consultant: Consultant | null = null) {
    this.#actor = actor
    this.#rulebook = rulebook
    this.#consultant = consultant
    this.#reconciler = new Reconciler((id) => this.#reconcile(id), actor.log)
  }

  async start(): Promise<Running> {
    const following = await this.#actor.incidents.follow(({ state }) => this.#reconciler.wake(state.id))
    return {
      inFlight: () => this.#reconciler.busy,
      stop: async () => {
        this.#stopping.abort()
        // What is being said is waited for, and that is known by following.
        await this.#reconciler.stop()
        await following.stop()
      }
    }
  }

  async #reconcile(id: string): Promise<number | null> {
    const incident = this.#actor.incidents.get(id)
    if (!incident) return null
    const need = planningNeed(incident.state, Date.now())
    if (need.when === 'now') await this.#plan(incident, need.plan_version)
    return need.when === 'later' ? need.at : null
  }

  async #plan(incident: Tracked, plan_version: number): Promise<void> {
    const { incidents } = this.#actor
    const consulted = this.#consultant ? await this.#consult(this.#consultant, incident, plan_version) : nobodyAsked
    if (this.#stopping.signal.aborted) return
    // The world went on meanwhile: the rulebook goes by what is known now, and perhaps no plan is needed any more.
    const now = incidents.get(incident.state.id)
    if (!now || now.state.round !== incident.state.round || planningNeed(now.state, Date.now()).when !== 'now') return
    const proposed = consulted.accepted
      ? modelProposal(this.#rulebook, now.state, consulted.accepted)
      : await this.#rulebookPlan(now, plan_version)
    await this.#propose(now, afterAttempts(proposed, consulted))
  }

  async #consult(consultant: Consultant, incident: Tracked, plan_version: number): Promise<Consulted> {
    const input = inputOf(incident.state)
    const { hypotheses } = decide(this.#rulebook, input)
    try {
      return await consultant.consult(incident, input.inventory, plan_version, hypotheses, this.#stopping.signal)
    } catch (error) {
      if (!this.#stopping.signal.aborted) this.#actor.log.error({ incident_id: incident.state.id, err: error }, 'models could not be asked')
      return nobodyAsked
    }
  }

  async #rulebookPlan(tracked: Tracked, plan_version: number): Promise<PlanProposed> {
    const { state } = tracked
    const startedAt = new Date()
    const started = performance.now()
    const proposed = rulebookProposal(this.#rulebook, state, plan_version)
    const took_ms = performance.now() - started
    const run = { incident_id: state.id, round: state.round, planner: 'rulebook', startedAt, took_ms }
    await recordRun(this.#actor.outbox, { ...run, input: JSON.stringify(inputOf(state)), output: JSON.stringify(proposed) }, tracked)
    return proposed
  }

  async #propose({ state, traceparent, cause }: Tracked, payload: PlanProposed): Promise<void> {
    const { outbox, log, incidents } = this.#actor
    const { plan, source } = payload
    const { plan_id, plan_version, hypothesis } = plan
    const { seq } = await outbox.fact(
      state.id,
      {
        type: 'incident.plan-proposed.v1',
        key: `${plan_id}:${outbox.sealer.issuer}`,
        plan_version,
        payload,
        ...(source !== 'rulebook' && { decision_tag: 'LLM_DECISION' as const })
      },
      { traceparent, cause }
    )
    log.info({ incident_id: state.id, plan_id, source, cause: hypothesis.cause, service: hypothesis.service }, 'proposed a plan')
    // A model that is asked again says something else: no second plan before this one is known.
    await incidents.reached(seq)
  }
}
