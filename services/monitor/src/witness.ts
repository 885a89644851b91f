import { Buffer } from 'node:buffer'
import type { Actor, Running } from '@triage/actor'
import { cosignNote, type NoteKey } from '@triage/audit-log'
import { isWitnessed, parseCheckpoint, type TrustedKeys } from '@triage/audit-verify'
import { consumerOf, type Stored } from '@triage/bus'
import type { AuditCheckpoint, ErrorCode } from '@triage/contracts'
import { breach } from './continues.ts'
import { keepWitnessed, readWitnessed, type Witnessed } from './witness-file.ts'

const checkpointIn = ({ body }: Stored): AuditCheckpoint => JSON.parse(Buffer.from(body).toString()) as AuditCheckpoint
const textOf = (note: string): string | undefined => parseCheckpoint(note)?.note.text

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
    this.#last = (await readWitnessed(this.#folder)) ?? (await this.#remember())
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

  /** Without a file: the newest checkpoint in the stream that carries its own signature. There must be none when it is new. */
  async #remember(): Promise<Witnessed | null> {
    const { bus } = this.#actor
    const newest = await bus.last('CHECKPOINTS', 'audit.cosignature')
    if (!newest) return null
    const checkpoint = Buffer.from(newest.body).toString()
    const parsed = parseCheckpoint(checkpoint)
    if (!parsed || !isWitnessed(parsed, this.#keys)) return null
    this.#raise('E_AUDIT_WITNESS', `its file is gone; it has signed ${parsed.size} entries before`)
    for (let position = newest.seq - 1; position > 0; position--) {
      const stored = await bus.get('CHECKPOINTS', position)
      if (stored?.subject === 'audit.checkpoint' && textOf(checkpointIn(stored).checkpoint) === parsed.note.text)
        return { position, checkpoint }
    }
    return null
  }

  /** Whether the stream still has what was witnessed. */
  async #compare({ position, checkpoint }: Witnessed): Promise<void> {
    const stored = await this.#actor.bus.get('CHECKPOINTS', position)
    const same = stored?.subject === 'audit.checkpoint' && textOf(checkpointIn(stored).checkpoint) === textOf(checkpoint)
    if (!same)
      this.#raise('E_AUDIT_ROLLBACK', `the log lacks the checkpoint over ${parseCheckpoint(checkpoint)?.size} entries that was witnessed`)
  }

  async #judge(stored: Stored): Promise<void> {
    if (stored.subject !== 'audit.checkpoint' || this.#alarms.has('E_AUDIT_ROLLBACK')) return
    if (stored.seq !== this.#last?.position) {
      const message = checkpointIn(stored)
      const why = breach(this.#last?.checkpoint ?? null, message, this.#keys)
      if (why) return this.#raise('E_AUDIT_ROLLBACK', `checkpoint ${stored.seq} is refused: ${why}`)
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
