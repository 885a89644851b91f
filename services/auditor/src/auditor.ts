import type { Actor, Running } from '@triage/actor'
import { AuditLog, type NewEntry, type NoteKey, sizeOf } from '@triage/audit-log'
import type { TrustedKeys } from '@triage/audit-verify'
import { consumerOf, type Stored, type Subscription } from '@triage/bus'
import { limits, TriageError } from '@triage/contracts'
import { contentType } from '@triage/envelope'
import { readLog } from './read-log.ts'
import { disagreement } from './witnessed.ts'

const sources = ['INCIDENTS', 'EFFECTS', 'RECORDS'] as const
type Source = (typeof sources)[number]

const witnessMs = 1_000
const askAgainMs = 250

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
  #following: Subscription[] = []
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
    const running = {
      alarms: () => (this.#rolledBack ? (['E_AUDIT_ROLLBACK'] as const).slice() : []),
      stop: () => this.#stop()
    }
    try {
      await this.#read()
    } catch (error) {
      this.#refuse(error)
      return running
    }
    const asking = this.#askWitness()
    asking.catch((error) => this.#refuse(error))
    this.#following = await Promise.all(
      sources.map((stream) =>
        bus.follow(stream, { consumer: consumerOf(role, instance), from: this.#log.cursor[stream] + 1 }, (stored) =>
          this.#inTurn(() => this.#putOnRecord(stream, stored))
        )
      )
    )
    return running
  }

  async #read(): Promise<void> {
    const { log, position } = await readLog(this.#actor.bus, this.#key)
    if (log.size < this.#log.size) throw new TriageError('E_AUDIT_ROLLBACK', `the log has ${log.size} entries and had ${this.#log.size}`)
    this.#log = log
    this.#position = position
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
    try {
      await this.#actor.bus.append('audit.log', bytes, {}, { id: `audit:${stream}:${stored.seq}`, lastSeq: this.#log.size })
    } catch (error) {
      await this.#readAgain(error)
      throw error
    }
    this.#log.appended(bytes, entry)
    if (this.#log.pending >= limits.checkpoint_entries) await this.#sign()
    else this.#timer ??= setTimeout(() => this.#signInTurn(), limits.checkpoint_ms)
  }

  #entryOf(stream: Source, stored: Stored): NewEntry {
    const holds = this.#actor.inbox.fact(stored) !== null
    const signed = holds ? { keyId: stored.header('Triage-Key'), mac: stored.header('Triage-Mac'), contentType } : null
    return { at: new Date(stored.at).toISOString(), stream, seq: stored.seq, subject: stored.subject, message: stored.body, signed }
  }

  /** A conflict: this process's former life was still writing, or the stream was set back. */
  async #readAgain(error: unknown): Promise<void> {
    if (TriageError.from(error).code !== 'E_BUS_CONFLICT') return
    await this.#read().catch((cause) => this.#refuse(cause))
  }

  #signInTurn(): void {
    this.#timer = null
    this.#inTurn(() => this.#sign()).catch((error) => {
      this.#actor.log.warn({ err: error }, 'could not publish a checkpoint')
      if (!this.#stopped) this.#timer ??= setTimeout(() => this.#signInTurn(), limits.checkpoint_ms)
    })
  }

  /** Publishes checkpoints until there is one over everything. */
  async #sign(): Promise<void> {
    while (this.#log.pending > 0 && this.#witnessHeard && !this.#rolledBack) {
      const checkpoint = this.#log.checkpoint(this.#key)
      const body = Buffer.from(JSON.stringify(checkpoint))
      const options = { id: `checkpoint:${sizeOf(checkpoint)}`, lastSubjectSeq: this.#position }
      try {
        this.#position = (await this.#actor.bus.append('audit.checkpoint', body, {}, options)).seq
      } catch (error) {
        await this.#readAgain(error)
        throw error
      }
      this.#log.checkpointed(checkpoint)
    }
  }

  /** Asks until it answers, then compares. Throws E_AUDIT_ROLLBACK. */
  async #askWitness(): Promise<void> {
    const { bus } = this.#actor
    while (!this.#stopped) {
      const answer = await bus.request('control.monitor', new Uint8Array(), {}, witnessMs).catch(() => null)
      if (answer) {
        const why = await disagreement(Buffer.from(answer.body).toString(), this.#log.signedSize, bus, this.#keys)
        if (why) throw new TriageError('E_AUDIT_ROLLBACK', why)
        this.#witnessHeard = true
        return this.#signInTurn()
      }
      await new Promise((resolve) => setTimeout(resolve, askAgainMs))
    }
  }

  #refuse(error: unknown): void {
    const { code, message } = TriageError.from(error)
    this.#rolledBack ||= code === 'E_AUDIT_ROLLBACK'
    this.#actor.log.error({ code, err: error }, this.#rolledBack ? `nothing is signed or written any more: ${message}` : message)
  }

  async #stop(): Promise<void> {
    this.#stopped = true
    if (this.#timer) clearTimeout(this.#timer)
    await Promise.all(this.#following.map((one) => one.stop()))
    await this.#inTurn(() => this.#sign()).catch(() => {})
  }
}
