// Runs more or fewer containers of a service, as `docker compose up --scale` does.
import { TriageError } from '@triage/contracts'
import { readConfig } from './config.ts'
import { createAndStart, discard, stop } from './create.ts'
import type { Engine } from './engine.ts'
import { compose, numberOf } from './labels.ts'
import type { ServiceContainers } from './project.ts'
import { type Template, templateOf, withoutVolumes } from './template.ts'

const maxReplicas = 100

/**
 * The highest numbers go first. The last container is stopped and stays, so that the service can be found again.
 * Throws E_RUNTIME_UNSUPPORTED for a service that has one fixed name.
 */
export async function scale(engine: Engine, { name, containers, beside }: ServiceContainers, replicas: number): Promise<void> {
  if (!Number.isInteger(replicas) || replicas < 0 || replicas > maxReplicas || beside !== undefined)
    throw new TriageError('E_RUNTIME_UNSUPPORTED', `${name} cannot be scaled to ${replicas}`)
  for (const surplus of containers.slice(Math.max(1, replicas)).reverse()) {
    await stop(engine, surplus)
    await discard(engine, surplus.Id)
  }
  if (replicas === 0) return stop(engine, containers[0])
  for (const { Id, State } of containers.slice(0, replicas)) {
    if (!State.Running) await engine.ask(() => engine.patient.getContainer(Id).start(), { fine: [304] })
  }
  if (replicas <= containers.length) return
  const template = templateOf(containers[0], await readConfig(engine, containers[0]))
  const highest = numberOf(containers.at(-1)!.Config.Labels)
  for (let number = highest + 1; number <= highest + replicas - containers.length; number++)
    await createAndStart(engine, numbered(template, number))
}

/** The same container with another number. */
function numbered({ name, body, networks, files }: Template, number: number): Template {
  const renamed = name.replace(/([-_])\d+$/, `$1${number}`)
  if (renamed === name) throw new TriageError('E_RUNTIME_UNSUPPORTED', `${name} is a name of its own: there can be one only`)
  const aliases = (list: string[] | undefined) => list?.map((alias) => (alias === name ? renamed : alias))
  return {
    name: renamed,
    // Volumes without a name are one container's own: the new one gets new ones.
    body: {
      ...body,
      Labels: { ...body.Labels, [compose.number]: String(number) },
      HostConfig: withoutVolumes(body.HostConfig!)
    },
    networks: Object.fromEntries(
      Object.entries(networks).map(([network, { IPAMConfig: _, ...endpoint }]) => [
        network,
        { ...endpoint, Aliases: aliases(endpoint.Aliases) }
      ])
    ),
    files
  }
}
