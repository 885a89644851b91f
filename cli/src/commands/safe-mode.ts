import { nextSwitch, openOperatorKey, operatorKeysOf, readSafeMode } from '@triage/approval'
import { type SignedStatement, subjectOf, TriageError } from '@triage/contracts'
import { Argument, Command } from 'commander'
import { style } from '../render/style.ts'
import { Session } from '../session.ts'
import { commonOf, print } from './options.ts'

/** Turns safe mode on or off, signed by the operator. Throws E_BUS_CONFLICT when somebody else turned it meanwhile. */
export async function turnSafeMode(session: Session, to: 'on' | 'off'): Promise<void> {
  const { bus, swarm } = session
  const type = 'safety.mode.v1' as const
  const subject = subjectOf(type, {})
  const after = (await bus.size('SAFETY')).lastSeq
  const payload = nextSwitch(to, after, new Date().toISOString(), openOperatorKey(swarm.operator_key))
  const sealer = await session.sealer()
  const id = `safe-mode:${after}:${sealer.epoch}`
  const { body, headers } = sealer.seal({ id, type, subject, audience: 'swarm', payload, decision_tag: 'HUMAN_DECISION' })
  await bus.append(subject, body, headers, { id, lastSeq: after })
}

/** The switch as an operator's own key reads it; `unreadable` is as good as on. */
export async function safeModeOf(session: Session): Promise<'on' | 'off' | 'unreadable'> {
  const { bus, swarm } = session
  const last = await bus.last('SAFETY')
  if (!last) return 'off'
  try {
    const payload = session.fact(last)?.payload as unknown as SignedStatement | undefined
    if (!payload) return 'unreadable'
    return readSafeMode(payload, last.seq, operatorKeysOf(openOperatorKey(swarm.operator_key))).safe_mode
  } catch (error) {
    if (TriageError.from(error).code === 'E_APPROVAL_INVALID') return 'unreadable'
    throw error
  }
}

export const safeModeCommand = (): Command =>
  new Command('safe-mode')
    .description('stop every change at once, or allow changes again')
    .addArgument(new Argument('[to]', 'on: nothing is changed; off: the policies decide; without it: how it is').choices(['on', 'off']))
    .action(async (to: 'on' | 'off' | undefined, _, command: Command) => {
      const common = commonOf(command)
      await using session = await Session.open(common.data)
      if (to) await turnSafeMode(session, to)
      const now = await safeModeOf(session)
      print(common, { safe_mode: now }, () =>
        now !== 'off' ? style.warn(`safe mode is ${now}: nothing is changed`) : 'safe mode is off: the policies decide'
      )
    })
