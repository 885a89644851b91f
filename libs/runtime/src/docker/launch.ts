// Containers that nobody declared: in the network namespace of a service's container, from its image.
import { TriageError } from '@triage/contracts'
import type { WorkloadSpec } from '../workload.ts'
import { create, discard } from './create.ts'
import type { Engine } from './engine.ts'
import { compose, triage } from './labels.ts'
import type { Project, ServiceContainers } from './project.ts'

/** Compose lists what has its project's label and says that it is no one-off: these do not say so. */
const nameOf = (project: Project, name: string) => `${project.name}-launched-${name}`

/** Nothing happens when it runs already. */
export async function launch(engine: Engine, project: Project, spec: WorkloadSpec, beside: ServiceContainers): Promise<void> {
  const [{ Id, Config }] = beside.containers
  const former = await project.find(spec.name)
  if (former && former.beside === undefined) throw new TriageError('E_RUNTIME_FORBIDDEN', `${spec.name} is the name of a declared service`)
  if (former?.containers[0].State.Running) return
  if (former) await discard(engine, former.containers[0].Id)
  const [program = '', ...args] = spec.command
  const body = {
    Image: Config.Image,
    Entrypoint: [program],
    Cmd: args,
    Env: Object.entries(spec.env).map(([name, value]) => `${name}=${value}`),
    WorkingDir: spec.cwd,
    StopSignal: spec.stop_signal ?? 'SIGTERM',
    StopTimeout: Math.ceil((spec.grace_ms ?? 3000) / 1000),
    ...(spec.uid !== undefined && { User: `${spec.uid}:${spec.gid ?? spec.uid}` }),
    Labels: { [compose.project]: project.name, [triage.launched]: spec.name, [triage.beside]: beside.name },
    HostConfig: { NetworkMode: `container:${Id}` }
  }
  const id = await create(engine, { name: nameOf(project, spec.name), body, networks: {}, files: {} })
  try {
    await engine.ask(() => engine.patient.getContainer(id).start())
  } catch (error) {
    await discard(engine, id)
    throw error
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
