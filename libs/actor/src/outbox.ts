import type { Bus, Published } from '@triage/bus'
import { type MessageType, type PayloadByType, type Role, subjectOf } from '@triage/contracts'
import type { Sealer } from '@triage/envelope'
import { type Draft, factMessageId } from '@triage/incident'
import { redactFields } from '@triage/redact'

/** What a message belongs to and follows from. */
export interface Context {
  traceparent?: string
  cause?: string
}

/** The next span of the same trace. */
const child = (traceparent: string): string => {
  const span = Math.floor(Math.random() * 2 ** 48)
    .toString(16)
    .padStart(16, '0')
  return traceparent.replace(/-[0-9a-f]{16}-/, `-${span}-`)
}

/** Signs and says what a process has to say, less what looks like a secret. */
export class Outbox {
  readonly sealer: Sealer
  readonly #bus: Bus

  constructor(sealer: Sealer, bus: Bus) {
    this.sealer = sealer
    this.#bus = bus
  }

  /** Appends a fact to the incident's log. Saying it again changes nothing. */
  async fact(incidentId: string, draft: Draft, context: Context = {}): Promise<Published> {
    const { type, payload, plan_version, decision_tag } = draft
    const subject = subjectOf(type, { incident_id: incidentId })
    const id = factMessageId(incidentId, draft)
    return this.#append(subject, { id, type, payload, audience: 'swarm', incident_id: incidentId, plan_version, decision_tag }, context)
  }

  /** Hands a command to a role. */
  async command(
    role: Role,
    id: string,
    payload: PayloadByType['task.request.v1'],
    fence: number,
    ttl_ms: number,
    context: Context
  ): Promise<Published> {
    const { incident_id, plan_version } = payload
    const message = { id, type: 'task.request.v1' as const, payload, audience: role, incident_id, plan_version, fence, ttl_ms }
    return this.#append(subjectOf('task.request.v1', { agent: role }), message, context)
  }

  /** Puts something on record for the auditor. */
  async record<T extends 'record.planner-run.v1' | 'record.refusal.v1'>(
    type: T,
    id: string,
    payload: PayloadByType[T],
    context: Context = {}
  ): Promise<Published> {
    return this.#append(subjectOf(type, { role: this.sealer.issuer }), { id, type, payload, audience: 'auditor' }, context)
  }

  /** Writes to the ledger of one effect. `lastSubjectSeq` is the ledger's last entry as the writer knows it. */
  async effect<T extends 'effect.intent.v1' | 'effect.outcome.v1'>(
    type: T,
    payload: PayloadByType[T],
    lastSubjectSeq: number,
    context: Context
  ): Promise<Published> {
    const { idempotency_key } = payload
    // Named after this life too: what another has written here is a conflict, not the same said twice.
    const id = `effect:${idempotency_key}:${type}:${this.sealer.epoch}`
    const message = { id, type, payload, audience: 'swarm' }
    return this.#append(subjectOf(type, { idempotency_key }), message, context, lastSubjectSeq)
  }

  /** Tells whoever listens that this process is alive. */
  heartbeat(payload: PayloadByType['heartbeat.v1']): void {
    const subject = subjectOf('heartbeat.v1', { role: payload.role, instance: payload.instance })
    const { body, headers } = this.sealer.seal({
      id: `heartbeat:${this.sealer.issuer}:${Date.now()}`,
      type: 'heartbeat.v1',
      subject,
      audience: 'swarm',
      payload,
      ttl_ms: 10_000
    })
    this.#bus.send(subject, body, headers)
  }

  async #append<T extends MessageType>(
    subject: string,
    message: Omit<Parameters<Sealer['seal']>[0], 'subject' | 'type' | 'payload'> & { type: T; payload: PayloadByType[T] },
    context: Context,
    lastSubjectSeq?: number
  ): Promise<Published> {
    const traceparent = context.traceparent && child(context.traceparent)
    const { body, headers } = this.sealer.seal({
      ...message,
      payload: redactFields(message.payload),
      subject,
      cause: context.cause,
      traceparent
    })
    return this.#bus.append(subject, body, headers, { id: message.id, lastSubjectSeq })
  }
}
