import type { Actor } from '@triage/actor'
import type { Stored } from '@triage/bus'
import { type EffectIntent, type EffectOutcome, subjectOf } from '@triage/contracts'
import { openMessage, ReplayGuard } from '@triage/envelope'

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

/** What was begun lately, on any target and on one, and what has not come to an end. */
interface Recent {
  begun: number
  begunOnTarget: number
  underWay: number
}

/** As many records are looked at, the newest: more than any policy permits in an hour. */
const recordsRead = 400

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

  /**
   * Effects since an instant, but for the one with that key. A record that does not hold counts as begun there and not ended: whoever
   * put it there must not make room for more.
   */
  async recent(since: number, target: string, exceptKey: string): Promise<Recent> {
    const { bus } = this.#actor
    const { lastSeq } = await bus.size('EFFECTS')
    // A window of its own, that begins where these records begin: they are older than what has come in since.
    const replay = new ReplayGuard()
    const targets = new Map<string, string>()
    const ended = new Set<string>()
    for await (const stored of bus.history('EFFECTS', Math.max(1, lastSeq - recordsRead + 1))) {
      if (stored.at < since) continue
      const payload = this.#opened(stored, replay)
      if (!payload) targets.set(`record ${stored.seq}`, target)
      else if (payload.state === 'outcome') ended.add(payload.idempotency_key)
      else if (payload.idempotency_key !== exceptKey) targets.set(payload.idempotency_key, payload.target)
    }
    const begun = [...targets]
    return {
      begun: begun.length,
      begunOnTarget: begun.filter(([, name]) => name === target).length,
      underWay: begun.filter(([key]) => !ended.has(key)).length
    }
  }

  /** What a record says; null when it does not hold. */
  #opened({ subject, body, header, seq, at }: Stored, replay: ReplayGuard): EffectIntent | EffectOutcome | null {
    try {
      const { keys } = this.#actor
      const { payload } = openMessage(body, header, { subject, keys, audiences: ['swarm'], replay, now: at, position: seq })
      return payload as EffectIntent | EffectOutcome
    } catch {
      return null
    }
  }

  /** Throws E_BUS_CONFLICT when there is a record already. Returns the record's sequence number. */
  async intend(intent: EffectIntent, follows: Follows): Promise<number> {
    return (await this.#actor.outbox.effect('effect.intent.v1', intent, 0, follows)).seq
  }

  async conclude(outcome: EffectOutcome, after: number, follows: Follows): Promise<void> {
    await this.#actor.outbox.effect('effect.outcome.v1', outcome, after, follows)
  }
}
