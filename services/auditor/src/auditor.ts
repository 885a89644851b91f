import { type Actor, type Running, recall } from '@triage/actor'
import { type Appended, appendEntry, genesis, lastAppended } from '@triage/audit-log'
import { consumerOf, type Stored } from '@triage/bus'
import type { AuditEntry } from '@triage/contracts'

const sources = ['INCIDENTS', 'EFFECTS', 'RECORDS'] as const
type Source = (typeof sources)[number]

/**
 * Puts every fact, effect and record into the audit log, each exactly once and in one order.
 * The log says itself how far it has come (`cursor`), so that nothing is lost or doubled when this process dies; the stream
 * refuses an entry that is not the next one, so that there is one writer.
 */
export class Auditor {
  readonly #actor: Actor
  #last: Appended = genesis
  #queue: Promise<void> = Promise.resolve()

  constructor(actor: Actor) {
    this.#actor = actor
  }

  async start(): Promise<Running> {
    const { bus, role, instance } = this.#actor
    const newest = await bus.last('AUDIT')
    if (newest) this.#last = lastAppended(newest.body)
    for (const stream of sources) await recall(bus, this.#actor.inbox, stream, this.#last.cursor[stream] + 1)
    const following = await Promise.all(
      sources.map((stream) =>
        bus.follow(stream, { consumer: consumerOf(role, instance), from: this.#last.cursor[stream] + 1 }, (stored) =>
          this.#inTurn(stream, stored)
        )
      )
    )
    return { stop: async () => void (await Promise.all(following.map((one) => one.stop()))) }
  }

  /** One entry at a time: each carries the hash of the one before. */
  #inTurn(stream: Source, stored: Stored): Promise<void> {
    const turn = this.#queue.then(() => this.#putOnRecord(stream, stored))
    this.#queue = turn.catch(() => {})
    return turn
  }

  async #putOnRecord(stream: Source, stored: Stored): Promise<void> {
    const opened = this.#actor.inbox.fact(stored)
    const source: AuditEntry['source'] = {
      stream,
      seq: stored.seq,
      subject: stored.subject,
      issuer: opened?.envelope.issuer ?? 'unverified',
      type: opened?.envelope.type ?? 'unverified',
      message_id: opened?.envelope.id ?? ''
    }
    const { bytes, next } = appendEntry(this.#last, {
      at: new Date(stored.at).toISOString(),
      source,
      message: stored.body,
      keepBody: opened !== null
    })
    await this.#actor.bus.append('audit.log', bytes, {}, { id: `audit:${stream}:${stored.seq}`, lastSeq: this.#last.size })
    this.#last = next
  }
}
