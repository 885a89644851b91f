import { Buffer } from 'node:buffer'
import { hash } from 'node:crypto'
import type { Actor, Running } from '@triage/actor'
import type { Stored } from '@triage/bus'
import { type Alert, type IncidentReport, limits, type ReceivedReport, TriageError } from '@triage/contracts'
import type { Draft } from '@triage/incident'
import { redact, redactFields } from '@triage/redact'
import { reportOf } from './alert-report.ts'
import { correlate } from './correlate.ts'
import { readReport } from './report.ts'

/** The same report always gets the same id, however often it is delivered: inc-<day it came>-<place in INTAKE>. */
const incidentIdOf = ({ at, seq }: { at: number; seq: number }): string =>
  `inc-${new Date(at).toISOString().slice(0, 10).replaceAll('-', '')}-${seq}`

const received = (stored: Stored): Pick<ReceivedReport, 'sha256' | 'bytes' | 'intake_seq' | 'received_at'> => ({
  sha256: hash('sha256', stored.body),
  bytes: stored.body.byteLength,
  intake_seq: stored.seq,
  received_at: new Date(stored.at).toISOString()
})

/** Its hash is that of the redacted text: with the rest of the text known, a hash of all would let a short secret be guessed. */
function describe(report: IncidentReport, stored: Stored): ReceivedReport {
  const { text, ...rest } = redactFields(report)
  const kept = text.slice(0, limits.report_text_chars)
  return { ...rest, ...received(stored), sha256: hash('sha256', Buffer.from(text)), text: kept, truncated: text.length > kept.length }
}

const reject = (error: TriageError, stored: Stored): Decision => ({
  id: incidentIdOf(stored),
  draft: { type: 'incident.report-rejected.v1', key: String(stored.seq), payload: { ...received(stored), error: error.report } }
})

interface Decision {
  id: string
  draft: Draft
}

/** Takes reports in: each becomes an incident, joins an open one that says the same or has the same cause, or is rejected with its reason. */
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
    for (const { id, draft } of this.#decide(stored)) {
      const { seq } = await this.#actor.outbox.fact(id, draft)
      // The next report is decided on what was said of this one.
      await this.#actor.incidents.reached(seq)
      this.#actor.log.info({ incident_id: id, fact: draft.type, intake_seq: stored.seq }, 'took in a report')
    }
    await this.#erase(stored)
  }

  #decide(stored: Stored): Decision[] {
    try {
      const report = readReport(stored.body)
      return report.alerts ? this.#correlate(report.alerts, stored) : [this.#merge(describe(report, stored), stored)]
    } catch (error) {
      return [reject(TriageError.from(error), stored)]
    }
  }

  #merge(report: ReceivedReport, stored: Stored): Decision {
    const key = String(stored.seq)
    const same = this.#recent.get(report.sha256)
    if (same && same !== incidentIdOf(stored)) return { id: same, draft: { type: 'incident.report-merged.v1', key, payload: { report } } }
    this.#recent.set(report.sha256, incidentIdOf(stored))
    return { id: incidentIdOf(stored), draft: { type: 'incident.opened.v1', key, payload: { report } } }
  }

  /** What a message of alerts is to the incidents; nothing where it says nothing new. */
  #correlate(alerts: Alert[], stored: Stored): Decision[] {
    const own = incidentIdOf(stored)
    const key = String(stored.seq)
    // Delivered again, it is decided as it was: what it opened before is not there to be joined.
    const others = this.#actor.incidents.known().filter(({ state }) => state.id !== own)
    const { joins, opens, unknown } = correlate(
      alerts,
      others.map(({ state }) => state)
    )
    const decisions = [...joins].map(([id, joined]): Decision => {
      const report = describe(reportOf(joined), stored)
      return { id, draft: { type: 'incident.report-merged.v1', key, payload: { report } } }
    })
    if (opens.length > 0)
      decisions.push({ id: own, draft: { type: 'incident.opened.v1', key, payload: { report: describe(reportOf(opens), stored) } } })
    if (decisions.length > 0 || unknown.length === 0) return decisions
    return [reject(new TriageError('E_ALERT_UNKNOWN', `${unknown.length} alerts were resolved that nobody knew to fire`), stored)]
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
