import type { Actor } from '@triage/actor'
import { type OperatorKeys, readSafeMode } from '@triage/approval'
import { type SignedStatement, subjectOf, TriageError } from '@triage/contracts'

/** off; or why nothing may be changed. */
type SafeMode = { on: false } | { on: true; why: string }

/**
 * The safe-mode switch as it is now. It fails closed: a switch whose message or signature does not hold is on.
 * Throws E_BUS_UNREACHABLE when it cannot be read at all.
 */
export async function safeModeNow({ bus, inbox }: Actor, keys: OperatorKeys): Promise<SafeMode> {
  const last = await bus.last('SAFETY', subjectOf('safety.mode.v1', {}))
  if (!last) return { on: false }
  const opened = inbox.fact(last)
  if (!opened) return { on: true, why: 'the last switch of safe mode does not hold' }
  try {
    const { safe_mode, at } = readSafeMode(opened.payload as SignedStatement, last.seq, keys)
    return safe_mode === 'off' ? { on: false } : { on: true, why: `an operator turned safe mode on at ${at}` }
  } catch (error) {
    return { on: true, why: `safe mode cannot be read: ${TriageError.from(error).message}` }
  }
}
