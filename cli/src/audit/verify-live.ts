import { hash } from 'node:crypto'
import { isRefused, messageOf, parseEntry } from '@triage/audit-log'
import { type AuditVerdict, LogVerifier } from '@triage/audit-verify'
import type { Bus, Stored } from '@triage/bus'
import type { StreamName } from '@triage/contracts'
import type { Session } from '../session.ts'
import { type LogView, viewLog } from './log-view.ts'

/** The streams that are put on record, read in step with the log. */
class Sources {
  readonly #bus: Bus
  readonly #open = new Map<StreamName, AsyncIterator<Stored>>()

  constructor(bus: Bus) {
    this.#bus = bus
  }

  /** What is wrong with an entry, given the message that its stream holds; null when it says what the message says. */
  async differs(bytes: Uint8Array): Promise<string | null> {
    const entry = parseEntry(bytes)
    const { stream, cursor } = entry.log
    const messages = this.#open.get(stream) ?? this.#bus.history(stream)[Symbol.asyncIterator]()
    this.#open.set(stream, messages)
    const { value, done } = await messages.next()
    const same =
      !done &&
      value.seq === cursor[stream] &&
      (isRefused(entry) ? isHashOf(messageOf(entry), value.body) : messageOf(entry).equals(value.body))
    return same ? null : `${stream} ${cursor[stream]} is not the message that was put on record`
  }
}

const isHashOf = (statement: Uint8Array, body: Uint8Array): boolean =>
  (JSON.parse(new TextDecoder().decode(statement)) as { sha256: string }).sha256 === hash('sha256', body)

async function walk(view: LogView, verifier: LogVerifier, sources: Sources): Promise<AuditVerdict> {
  let reason = verifier.head(view.head)
  for await (const line of view.read()) {
    if (reason) break
    if (line.kind === 'checkpoint') reason = verifier.checkpoint(line.bytes)
    else if (line.kind === 'cosigned') reason = verifier.cosigned(line.note)
    else {
      reason = verifier.entry(line.bytes)
      const differs = reason ? null : await sources.differs(line.bytes)
      if (differs) return verifier.verdict(differs, verifier.position - 1)
    }
  }
  return verifier.verdict(reason ?? verifier.end(view.head))
}

/** Verifies the live log: the log itself, that its entries say what their streams hold, and that the witness has seen all of it. */
export async function verifyLive({ bus, auditKeys }: Pick<Session, 'bus' | 'auditKeys'>): Promise<AuditVerdict> {
  const { lastSeq: wanted } = await bus.size('AUDIT')
  const view = await viewLog(bus)
  const verifier = new LogVerifier(auditKeys)
  const verdict = view ? await walk(view, verifier, new Sources(bus)) : verifier.verdict(null)
  if (verdict.firstBad || verdict.entries >= wanted) return verdict
  return verifier.verdict('neither the log nor the witness has signed it yet')
}
