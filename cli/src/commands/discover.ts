import { Command } from 'commander'
import { style, table } from '../render/style.ts'
import { commonOf, print } from './options.ts'

const localEngine = 'unix:///var/run/docker.sock'

export const discoverCommand = (): Command =>
  new Command('discover')
    .description('read a running compose project, and say what could not be found out about it')
    .requiredOption('--project <name>', 'name of the compose project')
    .option('--engine <url>', 'unix:///path or http://host:port of the Docker Engine', process.env.DOCKER_HOST || localEngine)
    .action(async ({ project, engine }: { project: string; engine: string }, command: Command) => {
      const common = commonOf(command)
      // Only this command speaks to Docker: the others shall not wait for its client to be loaded.
      const { discover } = await import('@triage/runtime/docker')
      const found = await discover({ url: engine, project })
      print(common, found, () =>
        [
          style.title(`Project ${found.project}`),
          table(
            found.workloads.map(({ name, kind, status, replicas, depends_on, probes, metrics_url }) => [
              status === 'running' ? style.good('●') : style.bad('○'),
              name,
              kind,
              status,
              replicas ? `${replicas.running}/${replicas.desired}` : '',
              depends_on.length > 0 ? `needs ${depends_on.join(', ')}` : '',
              [...probes.map(({ url }) => url), ...(metrics_url ? [metrics_url] : [])].join(' ')
            ])
          ),
          style.title(found.unknown.length > 0 ? 'Not found out' : 'Everything was found out'),
          table(found.unknown.map(({ name, what }) => [name ?? 'all', what]))
        ].join('\n')
      )
    })
