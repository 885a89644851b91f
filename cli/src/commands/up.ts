import { once } from 'node:events'
import type { Mode } from '@triage/contracts'
import { Command, Option } from 'commander'
import { untilInterrupted } from '../interrupt.ts'
import { practiceShop } from '../launcher/practice-shop.ts'
import { Swarm } from '../launcher/swarm.ts'
import { practiceRules, type Rules } from '../launcher/swarm-processes.ts'
import { duration, style } from '../render/style.ts'
import { waysIn } from '../render/ways-in.ts'
import { commonOf, recordOption, replayOption, type TapeOptions, useTape, wholeNumber } from './options.ts'

function welcome(swarm: Swarm): string {
  return [
    '',
    `${style.good('up')} in ${duration(swarm.readyMs)}; the shop is at ${swarm.patient.storefrontUrl}`,
    '',
    `  break     ${style.accent('npx triage inject db_conn_drift')}   ${style.dim('(more: npx triage inject --help)')}`,
    waysIn(swarm, 'checkout is throwing 500s'),
    style.dim(`  the shop's logs are in ${swarm.run}/logs`),
    ''
  ].join('\n')
}

/** @param usual when nothing is said */
export const modeOption = (usual: Mode): Option =>
  new Option('--mode <mode>', 'who decides: nobody (nothing is changed), a human for each change, or the policies alone')
    .choices(['observe', 'approve', 'auto'])
    .default(usual)

interface Options extends Rules, TapeOptions {
  natsPort?: number
  seed: number
}

export const upCommand = (): Command =>
  new Command('up')
    .description('start the swarm and the small shop, and stay until Ctrl-C')
    .option('--nats-port <port>', 'port of the message bus on 127.0.0.1; a free one by default', wholeNumber('--nats-port', 1))
    .option('--seed <n>', "seed of the shop's users", wholeNumber('--seed'), 1)
    .addOption(modeOption(practiceRules.mode))
    .option('--environment <name>', 'what the policies know the environment as', practiceRules.environment)
    .option('--policies <folder>', 'folder of the policies', practiceRules.policies)
    .addOption(recordOption())
    .addOption(replayOption())
    .action(async ({ natsPort, seed, record, replay, ...rules }: Options, command: Command) => {
      const { data, json } = commonOf(command)
      await useTape({ record, replay })
      const { signal } = untilInterrupted()
      const log = (line: string): void => console.error(style.dim(line))
      log('starting')
      const swarm = await Swarm.up({ admit: practiceShop({ seed, rules }), data, natsPort: natsPort ?? null, log, signal })
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
