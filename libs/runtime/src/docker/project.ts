// The containers of a compose project, found by their labels and sorted into services.
import { TriageError } from '@triage/contracts'
import type { ContainerInspectInfo } from 'dockerode'
import type { Engine } from './engine.ts'
import { Inspections } from './inspections.ts'
import { compose, dependenciesOf, jobsBefore, type Labels, numberOf, triage, workloadOf } from './labels.ts'

/** The containers of one workload, by number; never empty. */
export interface ServiceContainers {
  name: string
  /** Service that it was launched beside; undefined when it is declared. */
  beside?: string
  /** Others wait for it to end. */
  job: boolean
  containers: [ContainerInspectInfo, ...ContainerInspectInfo[]]
  /** Ids of containers that a replacement which was cut off left behind: another one has their number. */
  leftovers: string[]
}

/** How names of containers begin that are about to be replaced by another of the same number: compose names them alike. */
export const setAside = (id: string) => `${id.slice(0, 12)}_`
/** The name that a container has, or had before it was set aside. */
export const ownName = ({ Name }: Pick<ContainerInspectInfo, 'Name'>) => Name.slice(1).replace(/^(?:[0-9a-f]{12}_)+(.*?)(?:_old)?$/, '$1')
const isSetAside = ({ Name }: ContainerInspectInfo) => /^\/[0-9a-f]{12}_/.test(Name)

export class Project {
  readonly name: string
  readonly #engine: Engine
  readonly #inspections: Inspections
  #looking: Promise<ServiceContainers[]> | undefined

  constructor(engine: Engine, name: string) {
    this.#engine = engine
    this.#inspections = new Inspections(engine)
    this.name = name
  }

  /**
   * Every service and launched workload that has a container, each after those that it needs. A job that has ended well is none:
   * nobody wants it to run. Who asks while another is told is told the same.
   */
  services(): Promise<ServiceContainers[]> {
    this.#looking ??= this.#find(() => true)
      .then(startOrder)
      .finally(() => {
        this.#looking = undefined
      })
    return this.#looking
  }

  /** Null when it has no container. */
  async find(name: string): Promise<ServiceContainers | null> {
    return (await this.#find((workload) => workload === name))[0] ?? null
  }

  /** Throws E_RUNTIME_UNKNOWN_TARGET. */
  async get(name: string): Promise<ServiceContainers> {
    const found = await this.find(name)
    if (!found) throw new TriageError('E_RUNTIME_UNKNOWN_TARGET', `The project ${this.name} has no container of ${name}`)
    return found
  }

  async inspect(id: string): Promise<ContainerInspectInfo> {
    return this.#inspections.ask(id)
  }

  async #find(wanted: (workload: string) => boolean): Promise<ServiceContainers[]> {
    const filters = { label: [`${compose.project}=${this.name}`] }
    const rows = await this.#engine.ask(() => this.#engine.quick.listContainers({ all: true, filters }))
    const ours = rows.filter(({ Labels }) => wanted(workloadOf(Labels) ?? '') && workloadOf(Labels))
    const jobs = rows.flatMap(({ Labels }) => jobsBefore(Labels))
    const isJob = (labels: Labels) => jobs.includes(workloadOf(labels)!)
    const containers = await Promise.all(ours.map((row) => this.#inspections.of(row)))
    const groups = Map.groupBy(
      containers.filter((container) => container !== null).filter(({ Config, State }) => !(isJob(Config.Labels) && endedWell(State))),
      ({ Config }) => workloadOf(Config.Labels)!
    )
    return [...groups].map(([name, group]) => ({ ...serviceOf(name, group), job: jobs.includes(name) }))
  }
}

const endedWell = ({ Status, ExitCode }: ContainerInspectInfo['State']) => Status === 'exited' && ExitCode === 0

function serviceOf(name: string, group: ContainerInspectInfo[]): Omit<ServiceContainers, 'job'> {
  const containers = [...Map.groupBy(group, ({ Config }) => numberOf(Config.Labels))]
    .toSorted(([a], [b]) => a - b)
    .map(([, same]) => current(same)) as ServiceContainers['containers']
  const beside = containers[0].Config.Labels[triage.beside]
  const leftovers = group.filter((container) => !containers.includes(container)).map(({ Id }) => Id)
  return { name, containers, leftovers, ...(beside && { beside }) }
}

/** Of several containers with one number: the one that counts. */
function current(same: ContainerInspectInfo[]): ContainerInspectInfo {
  const rank = (container: ContainerInspectInfo) => (container.State.Running ? 2 : 0) + (isSetAside(container) ? 0 : 1)
  return same.toSorted((a, b) => rank(b) - rank(a) || b.Created.localeCompare(a.Created))[0]!
}

/** Ties go by name; launched ones come last; a dependency that has no container, or that goes round, does not count. */
function startOrder(services: ServiceContainers[]): ServiceContainers[] {
  const sorted = services.toSorted(
    (a, b) => Number(a.beside !== undefined) - Number(b.beside !== undefined) || a.name.localeCompare(b.name)
  )
  const byName = new Map(sorted.map((service) => [service.name, service]))
  const ordered = new Set<ServiceContainers>()
  const visited = new Set<string>()
  const visit = (name: string) => {
    const service = byName.get(name)
    if (!service || visited.has(name)) return
    visited.add(name)
    for (const needed of dependenciesOf(service.containers[0].Config.Labels)) visit(needed)
    ordered.add(service)
  }
  for (const { name } of sorted) visit(name)
  return [...ordered]
}
