import type { ReceivedMessage } from '@triage/envelope'
import type { Fact } from '@triage/incident'

/** The fact that a message carries. */
export const factOf = ({ envelope, payload }: Pick<ReceivedMessage, 'envelope' | 'payload'>): Fact =>
  ({
    type: envelope.type,
    id: envelope.id,
    incident_id: envelope.incident_id!,
    issuer: envelope.issuer,
    at: Date.parse(envelope.issued_at),
    payload
  }) as Fact
