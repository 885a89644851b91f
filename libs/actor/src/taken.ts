import type { Bus } from '@triage/bus'
import { type Role, TriageError } from '@triage/contracts'
import type { ReceivedMessage } from '@triage/envelope'

/**
 * Which commands a role has taken, on record on the bus for longer than any command can be accepted: what its other instances
 * took, and what it took in a former life, it takes from the same place of the queue again and from no other.
 */
export class Taken {
  readonly #bus: Pick<Bus, 'append'>
  readonly #role: Role

  constructor(bus: Pick<Bus, 'append'>, role: Role) {
    this.#bus = bus
    this.#role = role
  }

  /**
   * Puts on record that the command was taken from `position` of its stream. Throws E_MESSAGE_REPLAYED when it was taken from
   * another; whatever else it throws says nothing of the command.
   */
  async take({ issuer, epoch, seq }: ReceivedMessage['envelope'], position: number): Promise<void> {
    const subject = `taken.${this.#role}.${issuer}.${epoch}.${seq}`
    try {
      // Named after the position: from the same one it is the same said twice, from another one a conflict.
      const id = `${subject}:${position}`
      await this.#bus.append(subject, new TextEncoder().encode(String(position)), {}, { id, lastSubjectSeq: 0 })
    } catch (error) {
      if (!(error instanceof TriageError && error.code === 'E_BUS_CONFLICT')) throw error
      throw new TriageError('E_MESSAGE_REPLAYED', `number ${seq} of ${issuer} epoch ${epoch} was taken from another place`)
    }
  }
}
