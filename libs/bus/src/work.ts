import type { JsMsg } from '@nats-io/jetstream'
import { fromLive } from './delivery.ts'
import { ackWaitMs, maxDeliver } from './layout.ts'
import type { WorkHandlers } from './port.ts'

/** Handles one message of a work queue: it is taken off when that is done, goes to the dead letters when it never is. */
export async function workOn(message: JsMsg, { handle, poisoned }: WorkHandlers): Promise<void> {
  const pulse = setInterval(() => message.working(), ackWaitMs / 3)
  try {
    if (message.info.deliveryCount > maxDeliver) {
      await poisoned(fromLive(message))
      // Without a reason: servers before 2.10 take a term with one for nothing.
      message.term()
    } else {
      await handle(fromLive(message))
      await message.ackAck()
    }
  } catch {
    message.nak(500 * message.info.deliveryCount)
  } finally {
    clearInterval(pulse)
  }
}
