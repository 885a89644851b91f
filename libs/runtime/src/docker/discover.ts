// Reads a running compose project, and says what could not be found out about it.
import { checkSchema } from '@triage/contracts'
import type { ContainerInspectInfo, PortBinding } from 'dockerode'
import type { Workload } from '../workload.ts'
import { type ContainerConfig, fingerprintOf, readConfig } from './config.ts'
import { type DockerRuntimeOptions, dockerRuntime } from './driver.ts'
import { Engine, type EngineOptions } from './engine.ts'
import type { Fingerprint } from './fingerprint.ts'
import { knownImage } from './kind.ts'
import { compose, dependenciesOf, triage } from './labels.ts'
import { badProbeLabels } from './probes.ts'
import { Project } from './project.ts'
import { projectsOf } from './projects.ts'

export interface Discovery {
  project: string
  /** In start order. */
  workloads: Workload[]
  /** By name, of those that have a container. */
  services: Record<string, ServiceDetails>
  /** Services that their owner does not want to be looked at. */
  left_alone: string[]
  /** What is not known or only guessed, and what would tell. name: the workload, null: all of them. */
  unknown: { name: string | null; what: string }[]
}

/** Throws E_RUNTIME_UNREACHABLE or E_RUNTIME_FORBIDDEN. */
export async function reachEngine(options: EngineOptions): Promise<{ version: string; projects: string[] }> {
  const engine = new Engine(options)
  const { Version } = await engine.ask(() => engine.quick.version())
  return { version: Version, projects: await projectsOf(engine) }
}

export interface ServiceDetails {
  image: string
  /** host:port→port of the container. */
  published: string[]
  /** Whether the engine itself checks its health. */
  health_check: boolean
  /** Compose's own hash of what its file says of the service. */
  compose_hash: string | null
  /** SHA-256 of each value that it is configured with, by key: `image`, `environment.NAME`, `files./path`. */
  fingerprint: Fingerprint
}

const readableLogs = ['json-file', 'local', 'journald']

/** Throws E_RUNTIME_UNKNOWN_PROJECT. */
export async function discover(options: DockerRuntimeOptions): Promise<Discovery> {
  const engine = new Engine(options)
  const workloads = await dockerRuntime(options).list()
  const services = await new Project(engine, options.project).services()
  const names = new Set(services.map(({ name }) => name))
  const known = await Promise.all(
    services.map(async ({ name, containers: [container] }) => {
      const workload = workloads.find((each) => each.name === name)
      const config = await readConfig(engine, container)
      const files = Object.keys(config.files)
      const unknown = workload ? [...doubts(workload, container, { names, files })].map((what) => ({ name, what })) : []
      return { name, unknown, details: detailsOf(container, config) }
    })
  )
  const independent = workloads.length > 1 && workloads.every(({ depends_on }) => depends_on.length === 0)
  const dependencies = { name: null, what: 'No service says what it depends on: depends_on in the compose file would tell' }
  return {
    project: options.project,
    workloads,
    services: Object.fromEntries(known.map(({ name, details }) => [name, details])),
    left_alone: await leftAlone(engine, options.project),
    unknown: [...(independent ? [dependencies] : []), ...known.flatMap((each) => each.unknown)]
  }
}

async function leftAlone(engine: Engine, project: string): Promise<string[]> {
  const filters = { label: [`${compose.project}=${project}`, `${triage.watch}=false`] }
  const rows = await engine.ask(() => engine.quick.listContainers({ all: true, filters }))
  return [...new Set(rows.flatMap(({ Labels }) => Labels[compose.service] ?? []))].toSorted()
}

function detailsOf({ Config, HostConfig }: ContainerInspectInfo, config: ContainerConfig): ServiceDetails {
  const bindings = Object.entries((HostConfig.PortBindings ?? {}) as Record<string, PortBinding[] | null>)
  const { Test = [] } = (Config as { Healthcheck?: { Test?: string[] } }).Healthcheck ?? {}
  return {
    image: config.image,
    published: bindings.flatMap(([port, hosts]) =>
      (hosts ?? []).map(({ HostIp, HostPort }) => `${HostIp || '*'}:${HostPort || '*'}→${port}`)
    ),
    health_check: Test.length > 0 && Test[0] !== 'NONE',
    compose_hash: Config.Labels[compose.configHash] ?? null,
    fingerprint: fingerprintOf(config)
  }
}

interface Surroundings {
  /** Services that have containers. */
  names: Set<string>
  /** Mounted files whose content is compared. */
  files: string[]
}

function* doubts(
  workload: Workload,
  { Config, HostConfig, Mounts }: ContainerInspectInfo,
  { names, files }: Surroundings
): Generator<string> {
  const { name, kind, managed, probes, metrics_url, status } = workload
  if (!managed) {
    yield `nobody declared it: it was launched beside ${workload.beside}`
    return
  }
  if (checkSchema('defs__name', name) !== null) yield 'its name has characters that plans cannot name a target with'
  if (!knownImage(Config.Image) && !Config.Labels[triage.kind])
    yield `that it is a ${kind} is a guess from its ports: the label ${triage.kind} would tell`
  if (status !== 'running') yield `it is ${status}: what it listens at may show when it runs`
  for (const label of badProbeLabels(Config.Labels)) yield `the label ${label} is no probe: http://:port/path or tcp://:port would be`
  if (probes.length === 0)
    yield `nothing tells from outside whether it works: a published port, a health check with a URL or the label ${triage.probe}ready would`
  if (!metrics_url) yield 'no metrics endpoint: the labels prometheus.io/scrape and prometheus.io/port would tell'
  const missing = dependenciesOf(Config.Labels).filter((dependency) => !names.has(dependency))
  if (missing.length > 0) yield `it depends on ${missing.join(', ')}, of which there is no container`
  const driver = HostConfig.LogConfig?.Type ?? ''
  if (!readableLogs.includes(driver)) yield `its logs cannot be read: they go to ${driver || 'nowhere'}`
  const folders = Mounts.filter(({ Type, Destination }) => Type === 'bind' && !files.includes(Destination))
  if (folders.length > 0)
    yield `changes below ${folders.map(({ Destination }) => Destination).join(', ')} are not noticed: only single small files are compared`
}
