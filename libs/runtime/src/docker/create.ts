// Makes containers: a first one from a template, and a new one in the place of another.
import { TriageError } from '@triage/contracts'
import type { ContainerInspectInfo } from 'dockerode'
import type { Engine } from './engine.ts'
import { putFile } from './files.ts'
import { setAside } from './project.ts'
import type { Template } from './template.ts'

/** Creates a container and does not start it; leaves nothing behind when it fails. Resolves to its id. */
export async function create(engine: Engine, { name, body, networks, files }: Template): Promise<string> {
  const [first, ...others] = networksInOrder(body.HostConfig?.NetworkMode, networks)
  const EndpointsConfig = first ? { [first[0]]: first[1] } : undefined
  const { id } = await engine.ask(() =>
    engine.patient.createContainer({ ...body, name, ...(EndpointsConfig && { NetworkingConfig: { EndpointsConfig } }) })
  )
  try {
    for (const [network, endpoint] of others) {
      await engine.ask(() => engine.quick.getNetwork(network).connect({ Container: id, EndpointConfig: endpoint }))
    }
    for (const [path, text] of Object.entries(files)) await putFile(engine, id, path, text)
    return id
  } catch (error) {
    await discard(engine, id)
    throw error
  }
}

/** Creates a container and starts it; leaves nothing behind when it fails. */
export async function createAndStart(engine: Engine, template: Template): Promise<void> {
  const id = await create(engine, template)
  try {
    await engine.ask(() => engine.patient.getContainer(id).start())
  } catch (error) {
    await discard(engine, id)
    throw error
  }
}

/**
 * Puts a new container in the place of `old`, under its name; it runs if the old one ran. The old one goes when the new one
 * was started; when that fails it is put back as it was.
 */
export async function replace(engine: Engine, old: ContainerInspectInfo, template: Template): Promise<void> {
  const { name } = template
  const aside = setAside(old.Id) + name
  const running = old.State.Running
  const id = await create(engine, { ...template, name: aside })
  try {
    if (running) await stop(engine, old)
    await rename(engine, old.Id, `${aside}_old`)
    await rename(engine, id, name)
    if (running) await engine.ask(() => engine.patient.getContainer(id).start())
  } catch (error) {
    await putBack(engine, { id, old, name, running }).catch((cause) => {
      throw new TriageError('E_RUNTIME_FAILED', `${name} was not replaced, and not put back: ${engine.errorOf(cause).message}`, {
        cause: error
      })
    })
    throw error
  }
  await engine.ask(() => engine.patient.getContainer(old.Id).remove({ force: true }), { fine: [404] })
}

/** Nothing happens when it does not run. The engine waits for the container's own grace time. */
export async function stop(engine: Engine, { Id, State }: ContainerInspectInfo): Promise<void> {
  if (State.Paused) await engine.ask(() => engine.quick.getContainer(Id).unpause(), { fine: [409, 500] })
  await engine.ask(() => engine.patient.getContainer(Id).stop(), { fine: [304] })
}

/** Removes a container that nobody needs; volumes stay. */
export async function discard(engine: Engine, id: string): Promise<void> {
  await engine.ask(() => engine.patient.getContainer(id).remove({ force: true }), { fine: [404] })
}

interface Replacement {
  id: string
  old: ContainerInspectInfo
  name: string
  running: boolean
}

async function putBack(engine: Engine, { id, old, name, running }: Replacement): Promise<void> {
  await discard(engine, id)
  // It has its name already when it was not renamed yet.
  await rename(engine, old.Id, name, [400, 409, 500])
  if (running) await engine.ask(() => engine.patient.getContainer(old.Id).start(), { fine: [304] })
}

async function rename(engine: Engine, id: string, name: string, fine: number[] = []): Promise<void> {
  await engine.ask(() => engine.quick.getContainer(id).rename({ name }), { fine })
}

/** The network that the container is created in comes first: engines before 25 take one only. */
function networksInOrder(mode: string | undefined, networks: Template['networks']): [string, Template['networks'][string]][] {
  return Object.entries(networks).toSorted(([a], [b]) => Number(b === mode) - Number(a === mode))
}
