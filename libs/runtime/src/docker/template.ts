// A container as it would have to be created again: everything that compose gave it.
import type { ContainerCreateOptions, ContainerInspectInfo, EndpointSettings, HostConfig, MountSettings } from 'dockerode'
import type { ContainerConfig } from './config.ts'
import { putFiles } from './files.ts'
import { triage } from './labels.ts'
import { withLimits } from './limits.ts'
import { ownName } from './project.ts'

export interface Template {
  name: string
  body: ContainerCreateOptions
  /** By network: its aliases and fixed addresses. */
  networks: Record<string, EndpointSettings>
  /** Text by path: files that are put into it. */
  files: Record<string, string>
}

/** @param config what it says now */
export function templateOf(container: ContainerInspectInfo, { files }: Pick<ContainerConfig, 'files'>): Template {
  const { Id, Config, HostConfig } = container
  const short = Id.slice(0, 12)
  const { Hostname, ...kept } = Config
  return {
    name: ownName(container),
    // An engine calls a container by its id unless told; the new one has another.
    body: { ...kept, ...(Hostname !== short && { Hostname }), HostConfig: { ...HostConfig, ...volumesOf(container) } },
    networks: endpointsOf(container),
    files: Object.fromEntries(putFiles(Config.Labels).flatMap((path) => (path in files ? [[path, files[path]!]] : [])))
  }
}

/** The endpoints of a container, with what was asked for and without what the engine made of it. */
export function endpointsOf({ Id, HostConfig, NetworkSettings }: ContainerInspectInfo): Template['networks'] {
  if (/^(host|none|container:.*)$/.test(HostConfig.NetworkMode ?? '')) return {}
  const endpoints = Object.entries(NetworkSettings.Networks as Record<string, EndpointSettings>)
  return Object.fromEntries(
    endpoints.map(([network, { Aliases, IPAMConfig, Links, DriverOpts }]) => {
      const aliases = (Aliases ?? []).filter((alias) => alias !== Id.slice(0, 12))
      return [
        network,
        {
          ...(aliases.length > 0 && { Aliases: aliases }),
          ...(IPAMConfig && { IPAMConfig }),
          ...(Links && { Links }),
          ...(DriverOpts && { DriverOpts })
        }
      ]
    })
  )
}

/**
 * The same with another configuration. A file that differs takes the place of its mount, which shows the host's file: only
 * the owner of the project changes that one.
 * @param before what it says now
 */
export function reconfigured(template: Template, before: ContainerConfig, after: ContainerConfig): Template {
  const changed = Object.entries(after.files).filter(([path, text]) => path in template.files || before.files[path] !== text)
  const files = Object.fromEntries(changed)
  const mounted = ({ Target }: MountSettings) => !(Target in files)
  const { HostConfig, Labels } = template.body
  const { [triage.files]: _, ...labels } = Labels ?? {}
  return {
    ...template,
    files,
    body: {
      ...template.body,
      Image: after.image,
      Cmd: after.command ?? [],
      Entrypoint: after.entrypoint ?? [],
      Env: Object.entries(after.environment).map(([name, value]) => `${name}=${value}`),
      Labels: { ...labels, ...(changed.length > 0 && { [triage.files]: JSON.stringify(Object.keys(files)) }) },
      HostConfig: {
        ...HostConfig,
        ...withLimits(HostConfig ?? {}, after.limits),
        Binds: HostConfig?.Binds?.filter((bind) => !(bind.split(':')[1]! in files)),
        ...(HostConfig?.Mounts && { Mounts: HostConfig.Mounts.filter(mounted) })
      }
    }
  }
}

/** Volumes without a name are carried over: their data belongs to the service. */
function volumesOf({ Mounts: found, HostConfig }: ContainerInspectInfo): Pick<HostConfig, 'Binds' | 'Mounts'> {
  const nameAt = (path: string) => found.find(({ Type, Destination }) => Type === 'volume' && Destination === path)?.Name
  const Binds = HostConfig.Binds ?? []
  const Mounts = (HostConfig.Mounts ?? []).map((mount) =>
    mount.Type === 'volume' && !mount.Source ? { ...mount, Source: nameAt(mount.Target) ?? '' } : mount
  )
  const known = new Set([...Binds.map((bind) => bind.split(':')[1]), ...Mounts.map(({ Target }) => Target)])
  const others = found.filter(({ Type, Destination }) => Type === 'volume' && !known.has(Destination))
  return {
    Binds: [...Binds, ...others.map(({ Name, Destination, RW }) => `${Name}:${Destination}:${RW ? 'rw' : 'ro'}`)],
    ...(Mounts.length > 0 && { Mounts })
  }
}

const unnamed = /^[0-9a-f]{64}$/

/** The same for a container of its own, which gets volumes of its own. */
export function withoutVolumes({ Binds, Mounts, ...rest }: HostConfig): HostConfig {
  return {
    ...rest,
    Binds: Binds?.filter((bind) => !unnamed.test(bind.split(':')[0]!)),
    ...(Mounts && { Mounts: Mounts.map(withoutName) })
  }
}

/** Of a mount of a volume without a name. */
export const withoutName = (mount: MountSettings): MountSettings =>
  mount.Type === 'volume' && unnamed.test(mount.Source) ? { ...mount, Source: '' } : mount
