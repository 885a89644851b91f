// What belongs to the project: its containers, their networks, and what the containers of each service have been like.
import type { ContainerInfo, ContainerInspectInfo, NetworkInspectInfo } from 'dockerode'
import { compose, triage, workloadOf } from '../labels.ts'
import { apart, type EngineLimits, highest } from '../limits.ts'
import { endpointsOf, templateOf, withoutName } from '../template.ts'
import { Refusal } from './refusal.ts'
import { get } from './upstream.ts'

/** What the containers of a service were seen to have, as canonical JSON where it is not text. */
export interface Seen {
  /** With the highest limits seen: a container may be given less. */
  hostConfigs: Map<string, EngineLimits>
  users: Set<string>
  binds: Set<string>
  mounts: Set<string>
  networks: Set<string>
}

/** A container of the project and the workload that it is part of. */
export interface Member {
  id: string
  workload: string
}

const maxMembers = 10_000

export class Members {
  readonly project: string
  readonly #socket: string
  /** By full id. */
  readonly #members = new Map<string, Member>()
  /** By service. It is kept when the containers are gone, so that they can be made again. */
  readonly #seen = new Map<string, Seen>()

  constructor(socket: string, project: string) {
    this.#socket = socket
    this.project = project
  }

  /** @param reference id or name. Throws Refusal: 404 when there is none, 403 when it belongs to somebody else */
  async container(reference: string): Promise<ContainerInspectInfo> {
    const found = await get<ContainerInspectInfo>(this.#socket, `/containers/${encodeURIComponent(reference)}/json`)
    if (!found) throw new Refusal(`No such container: ${reference}`, 404)
    if (found.Config.Labels[compose.project] !== this.project)
      throw new Refusal(`The container ${reference} is not part of the project ${this.project}`)
    if (found.Config.Labels[triage.watch] === 'false') throw new Refusal(`The owner of ${reference} wants it left alone`)
    return found
  }

  /** Whose container it is does not change: by its id it is looked up once. Throws Refusal like `container`. */
  async member(reference: string): Promise<Member> {
    const known = this.#members.get(reference)
    if (known) return known
    const { Id, Config } = await this.container(reference)
    const member = { id: Id, workload: workloadOf(Config.Labels) ?? '' }
    if (this.#members.size >= maxMembers) this.#members.clear()
    this.#members.set(Id, member)
    return member
  }

  /** Resolves to the network's id. Throws Refusal like `container`. */
  async network(reference: string): Promise<string> {
    const found = await get<NetworkInspectInfo>(this.#socket, `/networks/${encodeURIComponent(reference)}`)
    if (!found) throw new Refusal(`No such network: ${reference}`, 404)
    const used = [...this.#seen.values()].some(({ networks }) => networks.has(found.Name))
    if (found.Labels?.[compose.project] !== this.project && !used)
      throw new Refusal(`The network ${reference} is not part of the project ${this.project}`)
    return found.Id
  }

  /** Every container of the project. */
  async containers(): Promise<ContainerInfo[]> {
    const filters = JSON.stringify({ label: [`${compose.project}=${this.project}`] })
    return (await get<ContainerInfo[]>(this.#socket, `/containers/json?all=1&filters=${encodeURIComponent(filters)}`)) ?? []
  }

  /** What containers of this service have been like so far; null for a service that never had one. */
  async seen(service: string): Promise<Seen | null> {
    await this.look()
    return this.#seen.get(service) ?? null
  }

  /** Takes in what the containers are like now. */
  async look(): Promise<void> {
    const found = await Promise.all((await this.containers()).map(({ Id }) => this.container(Id).catch(() => null)))
    for (const container of found) if (container && !container.Config.Labels[triage.beside]) this.#add(container)
  }

  #add(container: ContainerInspectInfo): void {
    const service = container.Config.Labels[compose.service] ?? ''
    const seen = this.#seen.get(service) ?? {
      hostConfigs: new Map(),
      users: new Set(),
      binds: new Set(),
      mounts: new Set(),
      networks: new Set()
    }
    this.#seen.set(service, seen)
    const { Binds, Mounts, ...hostConfig } = templateOf(container, { files: {} }).body.HostConfig!
    const { rest, limits } = apart(hostConfig)
    const known = seen.hostConfigs.get(canonical(rest))
    seen.hostConfigs.set(canonical(rest), known ? highest(known, limits) : limits)
    seen.users.add(container.Config.User)
    for (const bind of Binds ?? []) seen.binds.add(bind)
    for (const mount of Mounts ?? []) seen.mounts.add(canonical(mount)).add(canonical(withoutName(mount)))
    for (const network of Object.keys(endpointsOf(container))) seen.networks.add(network)
  }
}

/** JSON with sorted keys. */
export const canonical = (value: unknown): string =>
  JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner) ? Object.fromEntries(Object.entries(inner).toSorted()) : inner
  )
