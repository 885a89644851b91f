// Says of a service's containers what the port says of a workload.
import { constants } from 'node:os'
import type { ContainerInspectInfo } from 'dockerode'
import type { Workload, WorkloadStatus } from '../workload.ts'
import type { BaselineServices, GoodService } from './baseline.ts'
import { kindOf } from './kind.ts'
import { dependenciesOf, triage } from './labels.ts'
import { metricsUrlOf, portsOf, probesOf, type Vantage } from './probes.ts'
import type { ServiceContainers } from './project.ts'
import { endpointsOf } from './template.ts'

export interface Circumstances {
  vantage: Vantage
  config_hash: string
  log_format: Workload['log_format']
  baseline: BaselineServices<GoodService> | null
}

/** The container that speaks for all: the first that runs. */
export const speaker = ({ containers }: ServiceContainers): ContainerInspectInfo =>
  containers.find(({ State }) => State.Running && !State.Restarting) ?? containers[0]

export function describe(service: ServiceContainers, { vantage, config_hash, log_format, baseline }: Circumstances): Workload {
  const container = speaker(service)
  const { name, beside, containers } = service
  const { Config, HostConfig, Created } = container
  const { published, exposed } = portsOf(container)
  const good = baseline?.services[name]
  const networks = Object.keys(endpointsOf(container)).toSorted()
  const lost = good?.networks.filter((network) => !networks.includes(network)) ?? []
  // What has stopped has no address to be probed at; it had one when all was well.
  const probes = probesOf(container, vantage)
  const metrics_url = metricsUrlOf(container, vantage) ?? good?.workload.metrics_url
  return {
    name,
    kind: beside === undefined ? kindOf(Config.Image, Config.Labels[triage.kind], published.length + exposed.length > 0) : 'unknown',
    managed: beside === undefined,
    ...describeRun(container),
    ...describeHealth(container),
    ...(HostConfig.NanoCpus && { cpu_limit: (HostConfig.NanoCpus * containers.length) / 1e9 }),
    replicas: {
      desired: good?.replicas ?? containers.length,
      running: containers.filter((each) => statusOf(each.State) === 'running').length
    },
    depends_on: dependenciesOf(Config.Labels),
    probes: probes.length > 0 ? probes : (good?.workload.probes ?? []),
    ...(metrics_url && { metrics_url }),
    log_format,
    config_hash,
    ...(good && { baseline_config_hash: good.config_hash }),
    ...(baseline && Created > baseline.taken_at && { config_changed_at: new Date(Created).toISOString() }),
    networks,
    ...(lost.length > 0 && { lost_networks: lost }),
    ...(beside !== undefined && { beside })
  }
}

/** A service of the baseline that has no container any more. */
export function describeAbsent({ workload, replicas, config_hash }: GoodService): Workload {
  const { name, kind, managed, depends_on, probes, metrics_url, log_format } = workload
  return {
    ...{ name, kind, managed, status: 'absent', run_id: '', replicas: { desired: replicas, running: 0 }, depends_on, probes, log_format },
    ...(metrics_url && { metrics_url }),
    baseline_config_hash: config_hash
  }
}

/** Of a container's run: a container that is restarted keeps its id. */
export const runIdOf = ({ Id, State }: Pick<ContainerInspectInfo, 'Id' | 'State'>): string =>
  statusOf(State) === 'absent' ? '' : `${Id.slice(0, 12)}-${Date.parse(State.StartedAt)}`

/** The engine tells a signal as 128 and its number, as shells do. */
export function exitOf(code: number): { exit_code: number } | { exit_signal: string } {
  const signal = Object.entries(constants.signals).find(([, number]) => number === code - 128)?.[0]
  return signal ? { exit_signal: signal } : { exit_code: code }
}

type Run = 'status' | 'run_id' | 'pid' | 'started_at' | 'exit_code' | 'exit_signal' | 'oom_killed' | 'restarts'

function describeRun(container: ContainerInspectInfo): Pick<Workload, Run> {
  const { State, RestartCount } = container
  const status = statusOf(State)
  const run_id = runIdOf(container)
  if (status === 'absent') return { status, run_id }
  const started_at = new Date(State.StartedAt).toISOString()
  const run = {
    ...{ status, run_id, started_at },
    ...(State.OOMKilled && { oom_killed: true }),
    ...(RestartCount > 0 && { restarts: RestartCount })
  }
  if (status === 'exited' || status === 'starting') return { ...run, ...exitOf(State.ExitCode) }
  return { ...run, ...(State.Pid > 0 && { pid: State.Pid }) }
}

/** What the engine's check finds. It ends one that takes too long and calls its result -1. */
function describeHealth({ State: { Running, Health } }: ContainerInspectInfo): Pick<Workload, 'health' | 'health_failure'> {
  if (!Running || !Health || Health.Status === 'none') return {}
  const health = Health.Status as Workload['health']
  if (!Health.FailingStreak) return { health }
  return { health, health_failure: { consecutive: Health.FailingStreak, timed_out: Health.Log?.at(-1)?.ExitCode === -1 } }
}

function statusOf({ Status, StartedAt }: ContainerInspectInfo['State']): WorkloadStatus {
  if (Status === 'running' || Status === 'paused') return Status
  if (Status === 'restarting') return 'starting'
  // One that could not be started has the year 1 here.
  return StartedAt.startsWith('0001') ? 'absent' : 'exited'
}
