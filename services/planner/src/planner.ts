import { createHash } from 'node:crypto'
import { type Actor, Reconciler, type Running, type Tracked } from '@triage/actor'
import { type Plan, TriageError } from '@triage/contracts'
import { inventoryOf, latestObservations, planningNeed, triedActions } from '@triage/incident'
import { planId } from '@triage/plan'
import { decide, type Rulebook } from '@triage/rulebook'

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

/** Turns what the collectors saw into a plan, once a round, and puts on record what went in and what came out. */
export class Planner {
  readonly #actor: Actor
  readonly #rulebook: Rulebook
  readonly #reconciler: Reconciler

  constructor(actor: Actor, rulebook: Rulebook) {
    this.#actor = actor
    this.#rulebook = rulebook
    this.#reconciler = new Reconciler((id) => this.#reconcile(id), actor.log)
  }

  async start(): Promise<Running> {
    const following = await this.#actor.incidents.follow(({ state }) => this.#reconciler.wake(state.id))
    return {
      inFlight: () => this.#reconciler.busy,
      stop: async () => void (await Promise.all([following.stop(), this.#reconciler.stop()]))
    }
  }

  async #reconcile(id: string): Promise<number | null> {
    const incident = this.#actor.incidents.get(id)
    if (!incident) return null
    const need = planningNeed(incident.state, Date.now())
    if (need.when === 'now') await this.#propose(incident, need.plan_version)
    return need.when === 'later' ? need.at : null
  }

  async #propose({ state, traceparent, cause }: Tracked, plan_version: number): Promise<void> {
    const { outbox, log } = this.#actor
    const startedAt = new Date()
    const started = performance.now()
    const inventory = inventoryOf(state)
    if (!inventory || !state.report) throw new TriageError('E_INTERNAL', 'planning needs a report and an inventory')
    const input = {
      incident: { id: state.id, text: state.report.text, service: state.report.service },
      round: state.round,
      observations: latestObservations(state),
      inventory,
      tried: triedActions(state)
    }
    const decision = decide(this.#rulebook, input)
    if (!decision.plan) throw new TriageError('E_RULEBOOK', 'no rule says what to do')
    const content = { ...decision.plan, incident_id: state.id, plan_version }
    // The plan is dated by the facts that it follows from: the same facts give the same plan, byte for byte.
    const plan: Plan = { ...content, plan_id: planId(content), created_at: new Date(state.lastAt).toISOString() }
    const payload = { round: state.round, source: 'rulebook', plan, considered: decision.hypotheses.slice(1, 11) }
    const took_ms = performance.now() - started
    const follows = { traceparent, cause }
    await Promise.all([
      outbox.fact(
        state.id,
        { type: 'incident.plan-proposed.v1', key: `${plan.plan_id}:${outbox.sealer.issuer}`, plan_version, payload },
        follows
      ),
      this.#record(state.id, state.round, JSON.stringify(input), JSON.stringify(payload), startedAt, took_ms, follows)
    ])
    log.info(
      { incident_id: state.id, plan_id: plan.plan_id, cause: plan.hypothesis.cause, service: plan.hypothesis.service, took_ms },
      'proposed a plan'
    )
  }

  async #record(
    incident_id: string,
    round: number,
    input: string,
    output: string,
    startedAt: Date,
    took_ms: number,
    follows: { traceparent: string; cause: string }
  ): Promise<void> {
    const run = {
      incident_id,
      round,
      planner: 'rulebook',
      input: input.slice(0, 200_000),
      input_sha256: sha256(input),
      output: output.slice(0, 50_000),
      output_sha256: sha256(output),
      started_at: startedAt.toISOString(),
      took_ms
    }
    await this.#actor.outbox.record('record.planner-run.v1', `run:${incident_id}:${round}:${run.output_sha256.slice(0, 16)}`, run, follows)
  }
}
