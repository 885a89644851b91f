import { Buffer } from 'node:buffer'
import type { Actor, Running } from '@triage/actor'
import { cosignNote, type NoteKey } from '@triage/audit-log'
import { isWitnessed, parseCheckpoint, type TrustedKeys } from '@triage/audit-verify'
import { consumerOf, type Stored } from '@triage/bus'
import { type AuditCheckpoint, checkSchema, type ErrorCode } from '@triage/contracts'
import { breach } from './continues.ts'
import { keepWitnessed, readWitnessed, type Witnessed } from './witness-file.ts'

/** Null when the message is no checkpoint. */
function checkpointIn(stored: Stored | null): AuditCheckpoint | null {
  if (stored?.subject !== 'audit.checkpoint') return null
  try {
    const message: unknown = JSON.parse(Buffer.from(stored.body).toString())
    return checkSchema('audit-checkpoint', message) === null ? (message as AuditCheckpoint) : null
  } catch {
    return null
  }
}
const textOf = (note: string | undefined): string | undefined => parseCheckpoint(note ?? '')?.note.text

/**
 * Watches the audit log for those who were not there: signs a checkpoint only when it continues the one that it signed before.
 *
 * Invariants
 * 1. What it has signed is on its disk before anybody sees the signature.
 * 2. Of two logs that differ it signs at most one; after it has seen the other it signs nothing more.
 */
export class Witness {
  readonly #actor: Actor
  readonly #key: NoteKey
  readonly #keys: TrustedKeys
  readonly #folder: string
  readonly #alarms = new Set<ErrorCode>()
  #last: Witnessed | null = null

  constructor(actor: Actor, key: NoteKey, keys: TrustedKeys, folder: string) {
    this.#actor = actor
    this.#key = key
    this.#keys = keys
    this.#folder = folder
  }

  async start(): Promise<Running> {
    const { bus, role, instance } = this.#actor
    this.#last = (await this.#fromFile()) ?? (await this.#fromStream())
    if (this.#last) await this.#compare(this.#last)
    const answering = bus.listen('control.monitor', (_, __, answer) => answer(Buffer.from(this.#last?.checkpoint ?? ''), {}))
    // From the one that it has signed: it may have died before anybody saw that.
    const from = this.#last?.position ?? 1
    const following = await bus.follow('CHECKPOINTS', { consumer: consumerOf(role, instance), from }, (stored) => this.#judge(stored))
    return {
      alarms: () => [...this.#alarms],
      stop: async () => void (await Promise.all([answering.stop(), following.stop()]))
    }
  }

  async #fromFile(): Promise<Witnessed | null> {
    const { witnessed, fault } = await readWitnessed(this.#folder)
    if (witnessed && Number.isSafeInteger(witnessed.position) && this.#isOwn(witnessed.checkpoint)) return witnessed
    if (witnessed || fault) this.#raise('E_AUDIT_WITNESS', `its file is not what it wrote: ${fault ?? 'it has not signed that'}`)
    return null
  }

  #isOwn(note: string): boolean {
    const checkpoint = parseCheckpoint(note)
    return checkpoint !== null && isWitnessed(checkpoint, this.#keys)
  }

  /** Without a file: the newest checkpoint in the stream that carries its own signature. There is none when all is new. */
  async #fromStream(): Promise<Witnessed | null> {
    const { bus } = this.#actor
    const newest = await bus.last('CHECKPOINTS', 'audit.cosignature')
    const checkpoint = newest ? Buffer.from(newest.body).toString() : ''
    if (!newest || !this.#isOwn(checkpoint)) return null
    this.#raise('E_AUDIT_WITNESS', 'its file is gone; it has signed checkpoints before')
    for (let position = newest.seq - 1; position > 0; position--) {
      const message = checkpointIn(await bus.get('CHECKPOINTS', position))
      if (message && textOf(message.checkpoint) === textOf(checkpoint)) return { position, checkpoint }
    }
    return null
  }

  /** Whether the stream still has what was witnessed. */
  async #compare({ position, checkpoint }: Witnessed): Promise<void> {
    const message = checkpointIn(await this.#actor.bus.get('CHECKPOINTS', position))
    if (textOf(message?.checkpoint) !== textOf(checkpoint))
      this.#raise('E_AUDIT_ROLLBACK', `the log lacks the checkpoint over ${parseCheckpoint(checkpoint)?.size} entries that was witnessed`)
  }

  async #judge(stored: Stored): Promise<void> {
    if (stored.subject !== 'audit.checkpoint' || this.#alarms.has('E_AUDIT_ROLLBACK')) return
    if (stored.seq !== this.#last?.position) {
      const message = checkpointIn(stored)
      const why = message ? breach(this.#last?.checkpoint ?? null, message, this.#keys) : 'it cannot be read'
      if (!message || why) return this.#raise('E_AUDIT_ROLLBACK', `checkpoint ${stored.seq} is refused: ${why}`)
      const next = { position: stored.seq, checkpoint: cosignNote(message.checkpoint, this.#key, Math.floor(Date.now() / 1000)) }
      await keepWitnessed(this.#folder, next)
      this.#last = next
    }
    await this.#actor.bus.append('audit.cosignature', Buffer.from(this.#last.checkpoint), {}, { id: `cosignature:${stored.seq}` })
  }

  #raise(code: ErrorCode, why: string): void {
    this.#alarms.add(code)
    this.#actor.log.error({ code }, `audit log: ${why}`)
  }
}
