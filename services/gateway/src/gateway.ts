import { Buffer } from 'node:buffer'
import { createHash } from 'node:crypto'
import type { Actor, Running } from '@triage/actor'
import type { Stored } from '@triage/bus'
import { type IncidentReport, limits, type ReceivedReport, TriageError } from '@triage/contracts'
import type { Draft } from '@triage/incident'
import { redact, redactFields } from '@triage/redact'
import { readReport } from './report.ts'

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

/** The same report always gets the same id, however often it is delivered: inc-<day it came>-<place in INTAKE>. */
export const incidentIdOf = ({ at, seq }: { at: number; seq: number }): string =>
  `inc-${new Date(at).toISOString().slice(0, 10).replaceAll('-', '')}-${seq}`

const received = (stored: Stored): Pick<ReceivedReport, 'sha256' | 'bytes' | 'intake_seq' | 'received_at'> => ({
  sha256: sha256(stored.body),
  bytes: stored.body.byteLength,
  intake_seq: stored.seq,
  received_at: new Date(stored.at).toISOString()
})

/** Its hash is that of the redacted text: with the rest of the text known, a hash of all would let a short secret be guessed. */
function describe(report: IncidentReport, stored: Stored): ReceivedReport {
  const { text, ...rest } = redactFields(report)
  const kept = text.slice(0, limits.report_text_chars)
  return { ...rest, ...received(stored), sha256: sha256(Buffer.from(text)), text: kept, truncated: text.length > kept.length }
}

/** Takes reports in: each becomes an incident, joins an open one that says the same, or is rejected with its reason. */
export class Gateway {
  readonly #actor: Actor
  /** Incident of each report that was taken in lately, by hash. */
  readonly #recent = new Map<string, string>()

  constructor(actor: Actor) {
    this.#actor = actor
  }

  async start(): Promise<Running> {
    const { bus, incidents } = this.#actor
    const following = await incidents.follow(({ state }) => {
      if (state.report && !state.end) this.#recent.set(state.report.sha256, state.id)
      else if (state.report) this.#recent.delete(state.report.sha256)
    })
    const handlers = { handle: (stored: Stored) => this.#take(stored), poisoned: (stored: Stored) => this.#bury(stored) }
    const intake = await bus.work('INTAKE', 'gateway', handlers)
    return { stop: async () => void (await Promise.all([intake.stop(), following.stop()])) }
  }

  async #take(stored: Stored): Promise<void> {
    const { id, draft } = this.#decide(stored)
    await this.#actor.outbox.fact(id, draft)
    await this.#erase(stored)
    this.#actor.log.info({ incident_id: id, fact: draft.type, intake_seq: stored.seq }, 'took in a report')
  }

  #decide(stored: Stored): { id: string; draft: Draft } {
    const key = String(stored.seq)
    try {
      const report = describe(readReport(stored.body), stored)
      const same = this.#recent.get(report.sha256)
      if (same && same !== incidentIdOf(stored)) return { id: same, draft: { type: 'incident.report-merged.v1', key, payload: { report } } }
      this.#recent.set(report.sha256, incidentIdOf(stored))
      return { id: incidentIdOf(stored), draft: { type: 'incident.opened.v1', key, payload: { report } } }
    } catch (error) {
      const payload = { ...received(stored), error: TriageError.from(error).report }
      return { id: incidentIdOf(stored), draft: { type: 'incident.report-rejected.v1', key, payload } }
    }
  }

  /** What a reporter typed may be secret: once the fact is kept, the report as it came is written over. */
  async #erase({ seq }: Stored): Promise<void> {
    await this.#actor.bus
      .erase('INTAKE', seq)
      .catch((error) => this.#actor.log.error({ intake_seq: seq, err: error }, 'could not erase a report'))
  }

  async #bury(stored: Stored): Promise<void> {
    this.#actor.log.error({ intake_seq: stored.seq }, 'a report could not be taken in; it goes to the dead letters')
    const text = redact(Buffer.from(stored.body).toString('utf8'))
    await this.#actor.bus.append('deadletter.gateway', Buffer.from(text), {}, { id: `deadletter:gateway:${stored.seq}` })
    await this.#erase(stored)
  }
}
