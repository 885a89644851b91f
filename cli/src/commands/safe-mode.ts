import { nextSwitch, openOperatorKey } from '@triage/approval'
import { subjectOf } from '@triage/contracts'
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

export const safeModeCommand = (): Command =>
  new Command('safe-mode')
    .description('stop every change at once, or allow changes again')
    .addArgument(new Argument('<to>', 'on: nothing is changed; off: the policies decide').choices(['on', 'off']))
    .action(async (to: 'on' | 'off', _, command: Command) => {
      const common = commonOf(command)
      await using session = await Session.open(common.data)
      await turnSafeMode(session, to)
      print(common, { safe_mode: to }, () =>
        to === 'on' ? style.warn('safe mode is on: nothing is changed from now on') : 'safe mode is off: the policies decide'
      )
    })
