import { type Bus, consumerOf, type Stored, type Subscription } from '@triage/bus'
import type { ReceivedMessage } from '@triage/envelope'
import { type Fact, fold, type IncidentState, initialState } from '@triage/incident'
import type { Inbox } from './inbox.ts'

/** An incident as this process knows it. */
export interface Tracked {
  state: IncidentState
  /** Trace of the message that opened it. */
  traceparent: string
  /** Id of the last fact. */
  cause: string
}

/** How many ended incidents are kept in memory. */
const endedKept = 200

const toFact = ({ envelope, payload }: ReceivedMessage): Fact =>
  ({
    type: envelope.type,
    id: envelope.id,
    incident_id: envelope.incident_id,
    issuer: envelope.issuer,
    at: Date.parse(envelope.issued_at),
    payload
  }) as Fact

/** The incidents' log, folded: what a process knows of each incident, from the first fact on. */
export class IncidentLog {
  readonly #incidents = new Map<string, Tracked>()
  /** Sequence number of the last message that was taken. */
  #taken = 0
  #waiting: { seq: number; resolve: () => void }[] = []
  readonly #bus: Bus
  readonly #inbox: Inbox
  readonly #role: string
  readonly #instance: string

  constructor(bus: Bus, inbox: Inbox, role: string, instance: string) {
    this.#bus = bus
    this.#inbox = inbox
    this.#role = role
    this.#instance = instance
  }

  /**
   * Reads everything that was said, then goes on reading. `changed` is called for each fact that is said from now on, and
   * once for each incident that was still open when this process had caught up: what was decided before it died is decided again.
   */
  async follow(changed: (incident: Tracked, fact: Fact | null) => void): Promise<Subscription> {
    let live = false
    const handle = async (message: Stored): Promise<void> => {
      const fact = this.#take(message)
      this.#reach(message.seq)
      if (fact && live) changed(this.#incidents.get(fact.incident_id)!, fact)
    }
    return this.#bus.follow('INCIDENTS', { consumer: consumerOf(this.#role, this.#instance) }, handle, () => {
      live = true
      for (const incident of this.open()) changed(incident, null)
    })
  }

  /** Incidents that have not ended. */
  open(): Tracked[] {
    return [...this.#incidents.values()].filter(({ state }) => state.report && !state.end)
  }

  /** Every incident that is kept in memory, oldest first: those that have not ended, and the last that have. */
  known(): Tracked[] {
    return [...this.#incidents.values()]
  }

  /** Resolves when the message of that sequence number was taken: who has said something and decides again must know it. */
  reached(seq: number): Promise<void> {
    if (this.#taken >= seq) return Promise.resolve()
    return new Promise((resolve) => this.#waiting.push({ seq, resolve }))
  }

  get(id: string): Tracked | undefined {
    return this.#incidents.get(id)
  }

  #take(message: Stored): Fact | null {
    const opened = this.#inbox.fact(message)
    if (!opened?.envelope.incident_id) return null
    const fact = toFact(opened)
    const before = this.#incidents.get(fact.incident_id)
    const state = fold(before?.state ?? initialState(fact.incident_id), fact)
    this.#incidents.set(fact.incident_id, { state, traceparent: before?.traceparent ?? opened.envelope.traceparent, cause: fact.id })
    if (state.end || state.rejected) this.#forget()
    return fact
  }

  #reach(seq: number): void {
    this.#taken = seq
    for (const waiting of this.#waiting) if (waiting.seq <= seq) waiting.resolve()
    this.#waiting = this.#waiting.filter((waiting) => waiting.seq > seq)
  }

  #forget(): void {
    const ended = [...this.#incidents].filter(([, { state }]) => state.end || state.rejected)
    for (const [id] of ended.slice(0, Math.max(0, ended.length - endedKept))) this.#incidents.delete(id)
  }
}
