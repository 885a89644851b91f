import { type Actor, Reconciler, type Running, type Tracked } from '@triage/actor'
import { type Inventory, type Plan, type PlanProposed, TriageError } from '@triage/contracts'
import { type IncidentState, inventoryOf, latestObservations, planningNeed, triedActions } from '@triage/incident'
import { planId } from '@triage/plan'
import { type DecideInput, decide, type Rulebook } from '@triage/rulebook'
import type { Consultant, Consulted } from './consultant.ts'
import { noted, recordRun } from './planner-run.ts'

const nobody: Consulted = { attempts: [], accepted: null }

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
    const consulted = this.#consultant ? await this.#consult(this.#consultant, incident, plan_version) : nobody
    if (this.#stopping.signal.aborted) return
    // The world went on meanwhile: the rulebook goes by what is known now, and perhaps no plan is needed any more.
    const now = incidents.get(incident.state.id)
    if (!now || now.state.round !== incident.state.round || planningNeed(now.state, Date.now()).when !== 'now') return
    const proposed = consulted.accepted ? this.#modelPlan(consulted.accepted, now) : await this.#rulebookPlan(now, plan_version)
    const attempts = consulted.attempts.map((attempt) => ({ model: attempt.model, ...noted(attempt) }))
    await this.#propose(now, { ...proposed, ...(attempts.length > 0 && { attempts }) })
  }

  async #consult(consultant: Consultant, incident: Tracked, plan_version: number): Promise<Consulted> {
    const input = inputOf(incident.state)
    const { hypotheses } = decide(this.#rulebook, input)
    try {
      return await consultant.consult(incident, input.inventory, plan_version, hypotheses, this.#stopping.signal)
    } catch (error) {
      if (!this.#stopping.signal.aborted) this.#actor.log.error({ incident_id: incident.state.id, err: error }, 'models could not be asked')
      return nobody
    }
  }

  #modelPlan({ source, drafted, wanted }: NonNullable<Consulted['accepted']>, { state }: Tracked): PlanProposed {
    const { plan, replan, unsupported } = drafted
    const { hypotheses } = decide(this.#rulebook, inputOf(state))
    const { cause, service } = plan.hypothesis
    return {
      round: state.round,
      source,
      plan,
      considered: hypotheses.filter((other) => other.cause !== cause || other.service !== service).slice(0, 10),
      ...(replan && wanted && { replan: { wanted, made: replan } }),
      ...(unsupported.length > 0 && { unsupported: unsupported.slice(0, 10).map((text) => text.slice(0, 500)) })
    }
  }

  async #rulebookPlan(tracked: Tracked, plan_version: number): Promise<PlanProposed> {
    const { state } = tracked
    const startedAt = new Date()
    const started = performance.now()
    const input = inputOf(state)
    const decision = decide(this.#rulebook, input)
    if (!decision.plan) throw new TriageError('E_RULEBOOK', 'no rule says what to do')
    const content = { ...decision.plan, incident_id: state.id, plan_version }
    // The plan is dated by the facts that it follows from: the same facts give the same plan, byte for byte.
    const plan: Plan = { ...content, plan_id: planId(content), created_at: new Date(state.lastAt).toISOString() }
    const proposed = { round: state.round, source: 'rulebook', plan, considered: decision.hypotheses.slice(1, 11) }
    const took_ms = performance.now() - started
    const run = { incident_id: state.id, round: state.round, planner: 'rulebook', startedAt, took_ms }
    await recordRun(this.#actor.outbox, { ...run, input: JSON.stringify(input), output: JSON.stringify(proposed) }, tracked)
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

function inputOf(state: IncidentState): DecideInput & { inventory: Inventory } {
  const inventory = inventoryOf(state)
  if (!inventory || !state.report) throw new TriageError('E_INTERNAL', 'planning needs a report and an inventory')
  const { text, service } = state.report
  const answer = state.question?.answer
  return {
    incident: { id: state.id, text, service, ...(answer && { answer }) },
    round: state.round,
    observations: latestObservations(state),
    inventory,
    tried: triedActions(state)
  }
}
