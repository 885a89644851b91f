// Containers that nobody declared: in the network namespace of a service's container.
import { Readable } from 'node:stream'
import { TriageError } from '@triage/contracts'
import type { ExecResult } from '../port.ts'
import type { WorkloadSpec } from '../workload.ts'
import { create, createAndStart, discard } from './create.ts'
import type { Engine } from './engine.ts'
import { frames } from './frames.ts'
import { compose, triage } from './labels.ts'
import type { Project, ServiceContainers } from './project.ts'

/** What changing a network takes. */
export const netadminCapabilities = ['NET_ADMIN', 'NET_RAW'] as const

/** Compose lists what has its project's label and says that it is no one-off: these do not say so. */
const nameOf = (project: Project, name: string) => `${project.name}-launched-${name}`

/** Nothing happens when it runs already. */
export async function launch(engine: Engine, project: Project, spec: WorkloadSpec, beside: ServiceContainers): Promise<void> {
  const former = await project.find(spec.name)
  if (former && former.beside === undefined) throw new TriageError('E_RUNTIME_FORBIDDEN', `${spec.name} is the name of a declared service`)
  if (former?.containers[0].State.Running) return
  if (former) await discard(engine, former.containers[0].Id)
  const { cpu_shares, netadmin_image } = spec
  const common = bodyOf(beside, spec.command, netadmin_image)
  const body = {
    ...common,
    Env: Object.entries(spec.env).map(([name, value]) => `${name}=${value}`),
    WorkingDir: spec.cwd,
    StopSignal: spec.stop_signal ?? 'SIGTERM',
    StopTimeout: Math.ceil((spec.grace_ms ?? 3000) / 1000),
    ...(spec.uid !== undefined && { User: `${spec.uid}:${spec.gid ?? spec.uid}` }),
    Labels: { ...common.Labels, [triage.launched]: spec.name },
    HostConfig: { ...common.HostConfig, ...(cpu_shares !== undefined && { CpuShares: cpu_shares }) }
  }
  await createAndStart(engine, { name: nameOf(project, spec.name), body, networks: {}, files: {} })
}

/** Without the label of a launched one it is no workload, and in no list. Whatever a former life left of it goes first. */
export async function runInNetwork(
  engine: Engine,
  project: Project,
  beside: ServiceContainers,
  image: string,
  argv: string[]
): Promise<ExecResult> {
  const name = `${project.name}-beside-${beside.name}`
  await discard(engine, name)
  const id = await create(engine, { name, body: bodyOf(beside, argv, image), networks: {}, files: {} })
  try {
    const container = engine.patient.getContainer(id)
    await engine.ask(() => container.start())
    const { StatusCode } = (await engine.ask(() => container.wait())) as { StatusCode: number }
    const said = await engine.ask(() => container.logs({ stdout: true, stderr: true, follow: false, tail: 100 }))
    const output = { stdout: '', stderr: '' }
    for await (const { stream, data } of frames(Readable.from([said]))) output[stream] += data.toString('utf8')
    return { exit_code: StatusCode, ...output }
  } finally {
    await discard(engine, id)
  }
}

/** @param image one that may change the network; the neighbour's own, without more rights, when undefined */
function bodyOf({ name, containers: [{ Id, Config }] }: ServiceContainers, [program = '', ...args]: string[], image?: string) {
  return {
    Image: image ?? Config.Image,
    Entrypoint: [program],
    Cmd: args,
    ...(image !== undefined && { User: '0:0' }),
    Labels: { [compose.project]: Config.Labels[compose.project]!, [triage.beside]: name },
    HostConfig: { NetworkMode: `container:${Id}`, ...(image !== undefined && { CapAdd: [...netadminCapabilities] }) }
  }
}

/** Nothing happens when there is none. Throws E_RUNTIME_FORBIDDEN for a declared service. */
export async function remove(engine: Engine, project: Project, name: string): Promise<void> {
  const found = await project.find(name)
  if (found && found.beside === undefined)
    throw new TriageError('E_RUNTIME_FORBIDDEN', `${name} is declared; it can be stopped, not removed`)
  // Asked for also when there is none: whoever may not remove it shall hear so.
  await discard(engine, nameOf(project, name))
}
