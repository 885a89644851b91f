import { type Actor, type Running, recall } from '@triage/actor'
import { AuditLog, type NewEntry, type NoteKey, sizeOf } from '@triage/audit-log'
import type { TrustedKeys } from '@triage/audit-verify'
import { type Bus, consumerOf, type Published, type Stored, type Subscription } from '@triage/bus'
import { limits, TriageError } from '@triage/contracts'
import { contentType } from '@triage/envelope'
import { hearWitness } from './hear-witness.ts'
import { readLog } from './read-log.ts'

const sources = ['INCIDENTS', 'EFFECTS', 'SAFETY', 'RECORDS'] as const
type Source = (typeof sources)[number]

/**
 * Puts every fact, effect and record into the audit log, each exactly once and in one order, and signs checkpoints over it.
 *
 * Invariants
 * 1. The log says itself how far it has come, so that nothing is lost or doubled when this process dies.
 * 2. The stream refuses an entry that is not the next one: there is one writer.
 * 3. Nothing is signed before the witness was heard; and nothing is written or signed any more when the log lacks what the witness
 *    has seen. What is to be put on record stays in its streams.
 */
export class Auditor {
  readonly #actor: Actor
  readonly #key: NoteKey
  readonly #keys: TrustedKeys
  #log = AuditLog.empty()
  /** Where the newest checkpoint stands in its stream. */
  #position = 0
  #queue: Promise<void> = Promise.resolve()
  #timer: NodeJS.Timeout | null = null
  #witnessHeard = false
  #stopped = false
  #rolledBack = false

  constructor(actor: Actor, key: NoteKey, keys: TrustedKeys) {
    this.#actor = actor
    this.#key = key
    this.#keys = keys
  }

  async start(): Promise<Running> {
    const { bus, role, instance } = this.#actor
    await this.#read()
    for (const stream of sources) await recall(bus, this.#actor.inbox, stream, this.#log.cursor[stream] + 1)
    const hearing = hearWitness(
      () => this.#log.signedSize,
      bus,
      this.#keys,
      () => this.#stopped
    )
    void hearing.then((why) => (why === null ? this.#witnessAgrees() : this.#refuse(why)))
    const follow = (stream: Source) =>
      bus.follow(stream, { consumer: consumerOf(role, instance), from: this.#log.cursor[stream] + 1 }, (stored) =>
        this.#inTurn(() => this.#putOnRecord(stream, stored))
      )
    const following = this.#rolledBack ? [] : await Promise.all(sources.map(follow))
    return { alarms: () => (this.#rolledBack ? ['E_AUDIT_ROLLBACK'] : []), stop: () => this.#stop(following) }
  }

  #witnessAgrees(): void {
    this.#witnessHeard = true
    this.#signWhatWaits()
  }

  /** Takes the log from its streams: at the start, and when this process's former life was still writing. */
  async #read(): Promise<void> {
    try {
      const { log, position } = await readLog(this.#actor.bus, this.#key)
      if (log.size < this.#log.size) return this.#refuse(`the log has ${log.size} entries and had ${this.#log.size}`)
      this.#log = log
      this.#position = position
    } catch (error) {
      if (TriageError.from(error).code !== 'E_AUDIT_ROLLBACK') throw error
      this.#refuse((error as Error).message)
    }
  }

  /** One thing at a time: an entry's place follows from those before it. */
  #inTurn(work: () => Promise<void>): Promise<void> {
    const turn = this.#queue.then(work)
    this.#queue = turn.catch(() => {})
    return turn
  }

  async #putOnRecord(stream: Source, stored: Stored): Promise<void> {
    if (this.#rolledBack || stored.seq <= this.#log.cursor[stream]) return
    const entry = this.#entryOf(stream, stored)
    const bytes = this.#log.encode(entry)
    const published = await this.#append('audit.log', bytes, { id: `audit:${stream}:${stored.seq}`, lastSeq: this.#log.size })
    if (published) this.#log.appended(bytes, entry)
    if (this.#log.pending >= limits.checkpoint_entries) this.#signWhatWaits()
    else this.#timer ??= setTimeout(() => this.#signWhatWaits(), limits.checkpoint_ms)
  }

  #entryOf(stream: Source, stored: Stored): NewEntry {
    const holds = this.#actor.inbox.fact(stored) !== null
    const signed = holds ? { keyId: stored.header('Triage-Key'), mac: stored.header('Triage-Mac'), contentType } : null
    return { at: new Date(stored.at).toISOString(), stream, seq: stored.seq, subject: stored.subject, message: stored.body, signed }
  }

  /** Null when the stream has something else there, or had this already: then the log was read again. */
  async #append(subject: string, bytes: Uint8Array, options: Parameters<Bus['append']>[3]): Promise<Published | null> {
    try {
      const published = await this.#actor.bus.append(subject, bytes, {}, options)
      if (!published.duplicate) return published
      await this.#read()
      return null
    } catch (error) {
      if (TriageError.from(error).code === 'E_BUS_CONFLICT') await this.#read()
      throw error
    }
  }

  #signWhatWaits(): void {
    if (this.#timer) clearTimeout(this.#timer)
    this.#timer = null
    this.#inTurn(() => this.#sign()).catch((error) => {
      this.#actor.log.warn({ err: error }, 'could not publish a checkpoint')
      if (!this.#stopped) this.#timer ??= setTimeout(() => this.#signWhatWaits(), limits.checkpoint_ms)
    })
  }

  /** Publishes checkpoints until there is one over everything. */
  async #sign(): Promise<void> {
    while (this.#log.pending > 0 && this.#witnessHeard && !this.#rolledBack) {
      const checkpoint = this.#log.checkpoint(this.#key)
      const options = { id: `checkpoint:${sizeOf(checkpoint)}`, lastSubjectSeq: this.#position }
      const published = await this.#append('audit.checkpoint', Buffer.from(JSON.stringify(checkpoint)), options)
      if (!published) continue
      this.#position = published.seq
      this.#log.checkpointed(checkpoint)
    }
  }

  #refuse(why: string): void {
    this.#rolledBack = true
    this.#actor.log.error({ code: 'E_AUDIT_ROLLBACK' }, `nothing is written or signed any more: ${why}`)
  }

  async #stop(following: readonly Subscription[]): Promise<void> {
    this.#stopped = true
    if (this.#timer) clearTimeout(this.#timer)
    await Promise.all(following.map((one) => one.stop()))
    await this.#inTurn(() => this.#sign()).catch(() => {})
  }
}
