import { once } from 'node:events'
import { seedPath } from '@triage/bus/server'
import { Command, Option } from 'commander'
import { untilInterrupted } from '../interrupt.ts'
import { dataPaths } from '../launcher/folders.ts'
import { Swarm } from '../launcher/swarm.ts'
import { practiceRules, type Rules } from '../launcher/swarm-processes.ts'
import { duration, style } from '../render/style.ts'
import { commonOf, wholeNumber } from './options.ts'

function welcome(swarm: Swarm): string {
  const say = style.accent
  return [
    '',
    `${style.good('up')} in ${duration(swarm.readyMs)}; the shop is at ${swarm.patient.storefrontUrl}`,
    '',
    `  report    ${say('npx triage report "checkout is throwing 500s"')}`,
    `            ${say(`nats pub -s ${swarm.natsUrl} --nkey ${seedPath(dataPaths(swarm.data).nkeys, 'reporter')} incident.report "checkout is throwing 500s"`)}`,
    `  break     ${say('npx triage inject db_conn_drift')}   ${style.dim('(more: npx triage inject --help)')}`,
    `  watch     ${say('npx triage watch')}   ${say('npx triage status')}   ${say('npx triage show last')}`,
    `  evidence  ${say('npx triage audit tail')}   ${say('npx triage audit verify')}`,
    `  logs      ${dataPaths(swarm.data).logs}  ${style.dim(`(the shop's: ${swarm.run}/logs)`)}`,
    `  stop      Ctrl-C, or ${say('npx triage down')}`,
    ''
  ].join('\n')
}

export const modeOption = (): Option =>
  new Option('--mode <mode>', 'who decides: nobody (nothing is changed), a human for each change, or the policies alone')
    .choices(['observe', 'approve', 'auto'])
    .default(practiceRules.mode)

export const upCommand = (): Command =>
  new Command('up')
    .description('start the swarm and the small shop, and stay until Ctrl-C')
    .option('--nats-port <port>', 'port of the message bus on 127.0.0.1; a free one by default', wholeNumber('--nats-port', 1))
    .option('--seed <n>', "seed of the shop's users", wholeNumber('--seed'), 1)
    .addOption(modeOption())
    .option('--environment <name>', 'what the policies know the environment as', practiceRules.environment)
    .option('--policies <folder>', 'folder of the policies', practiceRules.policies)
    .action(async ({ natsPort, seed, ...rules }: Rules & { natsPort?: number; seed: number }, command: Command) => {
      const { data, json } = commonOf(command)
      const { signal } = untilInterrupted()
      const log = (line: string): void => console.error(style.dim(line))
      log('starting')
      const swarm = await Swarm.up({ data, natsPort: natsPort ?? null, seed, rules, log, signal })
      try {
        if (json)
          console.log(
            JSON.stringify({ nats_url: swarm.natsUrl, storefront_url: swarm.patient.storefrontUrl, ready_ms: swarm.readyMs, data })
          )
        else console.log(welcome(swarm))
        if (!signal.aborted) await once(signal, 'abort')
        log('stopping')
      } finally {
        await swarm.close()
      }
    })
