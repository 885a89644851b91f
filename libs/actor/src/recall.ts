import type { Bus, Stored } from '@triage/bus'
import { limits, type StreamName } from '@triage/contracts'
import type { Inbox } from './inbox.ts'

const bornWithinMs = limits.message_ttl_max_ms + 2 * limits.clock_skew_ms

/**
 * For who goes on in the middle of a stream: opens again the messages before `next` that could still be repeated, so that their
 * repetition is noticed. What is older has expired; of the rest the newest as many as a replay window holds.
 */
export async function recall(bus: Bus, inbox: Inbox, stream: StreamName, next: number): Promise<void> {
  const recent: Stored[] = []
  for (let seq = next - 1; seq > 0 && recent.length < limits.replay_window; seq--) {
    const message = await bus.get(stream, seq)
    if (!message || message.at < Date.now() - bornWithinMs) break
    recent.push(message)
  }
  for (const message of recent.reverse()) inbox.fact(message)
}
