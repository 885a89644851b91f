import { Command } from 'commander'
import { dataPaths } from '../launcher/folders.ts'
import { discoveryText } from '../render/discovery.ts'
import { commonOf, print } from './options.ts'

export const localEngine = (): string => process.env.DOCKER_HOST || 'unix:///var/run/docker.sock'

export const discoverCommand = (): Command =>
  new Command('discover')
    .description('read a running compose project, and say what could not be found out about it')
    .requiredOption('--project <name>', 'name of the compose project')
    .option('--engine <url>', 'unix:///path or http://host:port of the Docker Engine', localEngine())
    .action(async ({ project, engine }: { project: string; engine: string }, command: Command) => {
      const common = commonOf(command)
      // Only who speaks to Docker loads its client: the other commands shall not wait for it.
      const { discover } = await import('@triage/runtime/docker')
      const found = await discover({ url: engine, project, baseline: dataPaths(common.data).baselineOf(project) })
      print(common, found, () => discoveryText(found))
    })
