import type { Actor } from '@triage/actor'
import { type EffectIntent, type EffectOutcome, subjectOf } from '@triage/contracts'

/** What is on record of one effect. */
export interface Entry {
  intent: EffectIntent | null
  outcome: EffectOutcome | null
  /** Sequence number of the last record; 0 when there is none. */
  seq: number
}

export interface Follows {
  traceparent: string
  cause: string
}

/** The ledger of effects: intent before, outcome after, on a subject of its own for each idempotency key. */
export class Ledger {
  readonly #actor: Actor

  constructor(actor: Actor) {
    this.#actor = actor
  }

  async read(key: string): Promise<Entry> {
    const last = await this.#actor.bus.last('EFFECTS', subjectOf('effect.intent.v1', { idempotency_key: key }))
    if (!last) return { intent: null, outcome: null, seq: 0 }
    const opened = this.#actor.inbox.fact(last)
    // A record that does not hold says nothing of what was done: a human must look.
    if (!opened) return { intent: null, outcome: { state: 'outcome', idempotency_key: key, result: 'unknown' }, seq: last.seq }
    const payload = opened.payload as EffectIntent | EffectOutcome
    return payload.state === 'intent'
      ? { intent: payload, outcome: null, seq: last.seq }
      : { intent: null, outcome: payload, seq: last.seq }
  }

  /** Throws E_BUS_CONFLICT when there is a record already. Returns the record's sequence number. */
  async intend(intent: EffectIntent, follows: Follows): Promise<number> {
    return (await this.#actor.outbox.effect('effect.intent.v1', intent, 0, follows)).seq
  }

  async conclude(outcome: EffectOutcome, after: number, follows: Follows): Promise<void> {
    await this.#actor.outbox.effect('effect.outcome.v1', outcome, after, follows)
  }
}
