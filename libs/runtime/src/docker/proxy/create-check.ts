// Which containers may be created: another of a service that is there already, and, by the injector, one beside it.
import { isDeepStrictEqual } from 'node:util'
import type { ContainerCreateOptions } from 'dockerode'
import { compose, triage } from '../labels.ts'
import { netadminCapabilities } from '../launch.ts'
import { apart, within } from '../limits.ts'
import type { Call } from './call.ts'
import { canonical, type Members } from './members.ts'
import { Refusal } from './refusal.ts'

/**
 * What a request may say. The engine takes `hostconfig` for `HostConfig`: a key that is not exactly one of these could say
 * again, and otherwise, what was checked.
 */
const keys = [
  ...['Hostname', 'Domainname', 'User', 'AttachStdin', 'AttachStdout', 'AttachStderr', 'Tty', 'OpenStdin', 'StdinOnce'],
  ...['ExposedPorts', 'Env', 'Cmd', 'Entrypoint', 'Shell', 'Image', 'Volumes', 'WorkingDir', 'Labels', 'Healthcheck', 'ArgsEscaped'],
  ...['NetworkDisabled', 'MacAddress', 'OnBuild', 'StopSignal', 'StopTimeout', 'HostConfig', 'NetworkingConfig'],
  // The engine does not read it: dockerode says the name of the query here too.
  'name'
]

type Asked = Pick<Call, 'members' | 'credential' | 'netadminImage'>

/** Throws Refusal. */
export async function checkCreate(asked: Asked, body: ContainerCreateOptions): Promise<void> {
  const { members } = asked
  const extra =
    Object.keys(body).find((key) => !keys.includes(key)) ??
    Object.keys(body.NetworkingConfig ?? {}).find((key) => key !== 'EndpointsConfig')
  if (extra) throw new Refusal(`A container cannot be created with ${extra}`)
  const labels = body.Labels ?? {}
  if (labels[compose.project] !== members.project)
    throw new Refusal(`A container must have the label ${compose.project}=${members.project}`)
  if (labels[triage.beside]) await checkLaunched(asked, body)
  else await checkDeclared(members, labels[compose.service] ?? '', body)
}

/** Environment, image and command may differ; what gives it power over the machine may not. */
async function checkDeclared(
  members: Members,
  service: string,
  { HostConfig, User, NetworkingConfig }: ContainerCreateOptions
): Promise<void> {
  const seen = await members.seen(service)
  if (!seen) throw new Refusal(`The project has no service ${service || '(none is named)'}`)
  const { Binds, Mounts, ...hostConfig } = HostConfig ?? {}
  const { rest, limits } = apart(hostConfig)
  const most = seen.hostConfigs.get(canonical(rest))
  if (!most) throw new Refusal(`No container of ${service} had this HostConfig`)
  if (!within(limits, most)) throw new Refusal(`No container of ${service} could use as much memory and CPU`)
  if (!seen.users.has(User ?? '')) throw new Refusal(`No container of ${service} had this user`)
  const bind = Binds?.find((each) => !seen.binds.has(each))
  const mount = Mounts?.find((each) => !seen.mounts.has(canonical(each)))
  if (bind ?? mount) throw new Refusal(`No container of ${service} had the mount ${bind ?? mount?.Target}`)
  const network = Object.keys(NetworkingConfig?.EndpointsConfig ?? {}).find((name) => !seen.networks.has(name))
  if (network) throw new Refusal(`No container of ${service} was attached to the network ${network}`)
}

async function checkLaunched(
  { members, credential, netadminImage }: Asked,
  { Image, HostConfig, Labels, NetworkingConfig }: ContainerCreateOptions
): Promise<void> {
  if (credential !== 'injector') throw new Refusal('Only the injector may launch what nobody declared')
  const known: string[] = [compose.project, triage.launched, triage.beside]
  if (Object.keys(Labels ?? {}).some((label) => !known.includes(label))) throw new Refusal('What is launched must not look declared')
  const { NetworkMode = '', CpuShares: _, CapAdd = [], ...rest } = HostConfig ?? {}
  if (Object.keys(rest).length > 0 || NetworkingConfig) throw new Refusal('What is launched gets nothing but the network of its neighbour')
  const id = /^container:(.+)$/.exec(NetworkMode)?.[1]
  if (!id) throw new Refusal('What is launched shares the network of its neighbour')
  const neighbour = await members.container(id)
  if (netadminImage !== '' && Image === netadminImage && isDeepStrictEqual(CapAdd, netadminCapabilities)) return
  if (CapAdd.length > 0) throw new Refusal(`Only ${netadminImage || 'a configured image'} may change a network, and gets no other right`)
  if (Image !== neighbour.Config.Image) throw new Refusal('What is launched runs the image of its neighbour')
}
