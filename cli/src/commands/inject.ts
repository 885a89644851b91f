import { type InjectRequest, type InjectResponse, TriageError } from '@triage/contracts'
import { faults } from '@triage/injector'
import { Command } from 'commander'
import { style, table } from '../render/style.ts'
import { Session } from '../session.ts'
import { commonOf, print, wholeNumber } from './options.ts'

/** Asks the injector; throws the error that it answers with. */
export async function askInjector(session: Session, payload: InjectRequest): Promise<InjectResponse> {
  if (!session.swarm.roles.includes('injector')) throw new TriageError('E_NO_INJECTOR', 'nothing can be injected here')
  const sealer = await session.sealer()
  const subject = 'control.injector'
  const id = `control:${sealer.epoch}`
  const { body, headers } = sealer.seal({
    id,
    type: 'control.inject-request.v1',
    subject,
    audience: 'injector',
    payload,
    decision_tag: 'HUMAN_DECISION',
    ttl_ms: 30_000
  })
  const answer = await session.bus.request(subject, body, headers, 30_000)
  const response = session.openAnswer(answer).payload as InjectResponse
  if (!response.ok) throw new TriageError(response.error!.code as TriageError['code'], response.error!.message)
  return response
}

const catalogue = (): string =>
  table(
    Object.entries(faults).map(([name, fault]) => [
      style.accent(name),
      fault.description,
      style.dim(`on ${fault.targets.join(', ')} (${fault.runtimes.join(', ')})`)
    ])
  )

export const injectCommand = (): Command =>
  new Command('inject')
    .description('break something on purpose; the agents are not told')
    .argument('[fault]', 'name of the fault')
    .option('--target <service>', "service to hurt; the fault's usual one by default")
    .option('--seed <n>', 'seed of the choices that the fault makes', wholeNumber('--seed'), 1)
    .option('--lease <seconds>', 'taken back by itself after this long', wholeNumber('--lease', 1), 600)
    .option('--undo', 'take back all that is in force')
    .option('--list', 'list what is in force')
    .addHelpText('after', () => `\nFaults:\n${catalogue()}`)
    .action(
      async (
        fault: string | undefined,
        options: { target?: string; seed: number; lease: number; undo?: boolean; list?: boolean },
        command: Command
      ) => {
        const common = commonOf(command)
        if (!fault && !options.undo && !options.list) throw new TriageError('E_USAGE', `name a fault:\n${catalogue()}`)
        await using session = await Session.open(common.data)
        const about = options.undo
          ? { command: 'undo' as const }
          : options.list
            ? { command: 'list' as const }
            : { command: 'inject' as const, fault: fault!, target: options.target, seed: options.seed, lease_s: options.lease }
        const { injections } = await askInjector(session, JSON.parse(JSON.stringify(about)))
        const rows = injections.map((injection) => [injection.fault, `on ${injection.target}`, style.dim(`until ${injection.ends_at}`)])
        print(common, { injections }, () => (rows.length > 0 ? `In force:\n${table(rows)}` : 'Nothing is in force.'))
      }
    )
