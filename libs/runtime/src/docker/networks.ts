// Takes a service off a network and puts it back under its names.
import { TriageError } from '@triage/contracts'
import type { EndpointSettings, NetworkInspectInfo } from 'dockerode'
import type { Engine } from './engine.ts'
import { compose } from './labels.ts'
import type { Project, ServiceContainers } from './project.ts'
import { endpointsOf, type Template } from './template.ts'

/** @param good the service when all was well: its names on the network. Nothing happens when it is attached. */
export async function attach(
  engine: Engine,
  project: Project,
  service: ServiceContainers,
  network: string,
  good: Template | undefined
): Promise<void> {
  const { Name, Id } = await resolve(engine, project, network)
  for (const container of service.containers) {
    const { [Name]: attached } = endpointsOf(container)
    if (attached) continue
    const own = container.Name.slice(1)
    // A fixed address belongs to one container, and so does its name.
    const known = service.containers.length === 1 ? good?.networks[Name] : undefined
    const endpoint: EndpointSettings = known ?? { Aliases: [...new Set([own, service.name, ...(good?.networks[Name]?.Aliases ?? [])])] }
    await engine.ask(() => engine.quick.getNetwork(Id).connect({ Container: container.Id, EndpointConfig: endpoint }))
  }
}

/** Nothing happens when it is not attached. */
export async function detach(engine: Engine, project: Project, service: ServiceContainers, network: string): Promise<void> {
  const { Name, Id } = await resolve(engine, project, network)
  for (const container of service.containers) {
    if (endpointsOf(container)[Name])
      await engine.ask(() => engine.quick.getNetwork(Id).disconnect({ Container: container.Id, Force: true }))
  }
}

/** By its name in the compose file or in the engine. Throws E_RUNTIME_UNKNOWN_TARGET. */
async function resolve(engine: Engine, project: Project, network: string): Promise<NetworkInspectInfo> {
  const filters = { label: [`${compose.project}=${project.name}`] }
  const networks = await engine.ask(() => engine.quick.listNetworks({ filters }))
  const found = networks.find(({ Name }) => Name === network) ?? networks.find(({ Labels }) => Labels?.[compose.network] === network)
  if (!found) throw new TriageError('E_RUNTIME_UNKNOWN_TARGET', `The project ${project.name} has no network ${network}`)
  return found
}
