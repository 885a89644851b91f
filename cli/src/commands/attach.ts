import { once } from 'node:events'
import { TriageError } from '@triage/contracts'
import { Command } from 'commander'
import { untilInterrupted } from '../interrupt.ts'
import type { AttachedProject } from '../launcher/attached-project.ts'
import { dataPaths } from '../launcher/folders.ts'
import { Swarm } from '../launcher/swarm.ts'
import { practiceRules, type Rules } from '../launcher/swarm-processes.ts'
import { discoveryText } from '../render/discovery.ts'
import { duration, style } from '../render/style.ts'
import { waysIn } from '../render/ways-in.ts'
import { localEngine } from './discover.ts'
import { commonOf, recordOption, replayOption, type TapeOptions, useTape, wholeNumber } from './options.ts'
import { modeOption } from './up.ts'

interface Options extends Rules, TapeOptions {
  project: string
  engine: string
  natsPort?: number
  prometheus?: string
  rebaseline?: boolean
}

function webAddress(text: string): string {
  if (!/^https?:$/.test(URL.parse(text)?.protocol ?? ''))
    throw new TriageError('E_USAGE', `--prometheus must be http://host:port, not "${text}"`)
  return text
}

function baselineText({ baseline: { taken_at, kept, taken, skipped } }: AttachedProject): string {
  return [
    `${style.title('Last known good')} of ${taken_at}`,
    ...(kept.length > 0 ? [`  kept      ${kept.join(', ')}`] : []),
    ...(taken.length > 0 ? [`  new       ${taken.join(', ')} ${style.dim('(not known before, or changed by compose since)')}`] : []),
    ...skipped.map(({ name, why }) => `  ${style.warn(`not taken ${name}: ${why}`)}`)
  ].join('\n')
}

function welcome(swarm: Swarm<AttachedProject>, { project, mode, environment }: Options): string {
  const who = { observe: 'nothing is changed', approve: 'every change waits for a human', auto: 'the policies decide alone' }[mode]
  return [
    baselineText(swarm.patient),
    '',
    `${style.good('up')} in ${duration(swarm.readyMs)}; watches ${project}: mode ${mode} (${who}), environment ${environment}`,
    '',
    waysIn(swarm, 'the front page is slow'),
    style.dim('  the project runs on when the swarm stops'),
    ''
  ].join('\n')
}

export const attachCommand = (): Command =>
  new Command('attach')
    .description('start a swarm that watches a running compose project of your own, and stay until Ctrl-C')
    .requiredOption('--project <name>', 'name of the compose project')
    .option('--engine <url>', 'unix:///path of the socket of the Docker Engine, on this machine', localEngine())
    .addOption(modeOption('approve'))
    .option('--environment <name>', 'what the policies know the environment as', 'production')
    .option('--policies <folder>', 'folder of the policies', practiceRules.policies)
    .option('--nats-port <port>', 'port of the message bus on 127.0.0.1; a free one by default', wholeNumber('--nats-port', 1))
    .option('--prometheus <url>', 'where metrics are asked for; each service itself by default', webAddress)
    .option('--rebaseline', 'take what runs now for good, whatever was known before')
    .addOption(recordOption())
    .addOption(replayOption())
    .action(async (options: Options, command: Command) => {
      const { data, json } = commonOf(command)
      await useTape(options)
      const { project, engine, natsPort, prometheus, rebaseline = false, mode, environment, policies } = options
      const { signal } = untilInterrupted()
      const log = (line: string): void => console.error(style.dim(line))
      // Only who speaks to Docker loads its client.
      const { discover } = await import('@triage/runtime/docker')
      const { attachedProject } = await import('../launcher/attached-project.ts')
      const admit = attachedProject({ project, engine, rebaseline, rules: { mode, environment, policies } })
      const found = await discover({ url: engine, project, baseline: dataPaths(data).baselineOf(project) })
      if (!json) console.log(`${discoveryText(found)}\n`)
      log('starting')
      // It is handed on as what this process was told by its environment is.
      if (prometheus) process.env.TRIAGE_PROMETHEUS_URL = prometheus
      const swarm = await Swarm.up({ admit, data, natsPort: natsPort ?? null, log, signal })
      try {
        const { natsUrl: nats_url, readyMs: ready_ms, patient } = swarm
        if (json) console.log(JSON.stringify({ nats_url, ready_ms, data, discovery: found, baseline: patient.baseline }))
        else console.log(welcome(swarm, options))
        if (!signal.aborted) await once(signal, 'abort')
        log('stopping')
      } finally {
        await swarm.close()
      }
    })
