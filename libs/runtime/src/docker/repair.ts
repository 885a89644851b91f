// What a writer does to the containers of a project.
import { TriageError } from '@triage/contracts'
import type { ContainerInspectInfo } from 'dockerode'
import type { Baseline } from './baseline.ts'
import { type ContainerConfig, fingerprintOf, parseConfig, readConfig, textOf } from './config.ts'
import { create, discard, replace, stop } from './create.ts'
import type { Engine } from './engine.ts'
import { differences } from './fingerprint.ts'
import type { Project } from './project.ts'
import { scale } from './scale.ts'
import { reconfigured, templateOf } from './template.ts'

/** As many as ran when all was well; also what was paused, and what has no container any more but was there then. */
export async function start(engine: Engine, project: Project, baseline: Baseline | null, name: string): Promise<void> {
  const service = await project.find(name)
  for (const { Id, State } of service?.containers ?? []) {
    if (State.Paused) await engine.ask(() => engine.quick.getContainer(Id).unpause())
    else await engine.ask(() => engine.patient.getContainer(Id).start(), { fine: [304] })
  }
  const replicas = baseline?.good()?.services[name]?.replicas ?? 0
  if (service && service.containers.length < replicas) await scale(engine, service, replicas)
  if (service) return
  const template = baseline?.configs()?.services[name]?.template
  if (!template)
    throw new TriageError(
      'E_RUNTIME_UNKNOWN_TARGET',
      `The project ${project.name} has no container of ${name}, and none is known from before`
    )
  const id = await create(engine, template)
  await engine.ask(() => engine.patient.getContainer(id).start())
}

export async function stopAll(engine: Engine, project: Project, name: string): Promise<void> {
  const { containers } = await project.get(name)
  await Promise.all(containers.map((container) => stop(engine, container)))
}

export async function restart(engine: Engine, project: Project, name: string): Promise<void> {
  const { containers } = await project.get(name)
  await Promise.all(containers.map((container) => restartOne(engine, container)))
}

async function restartOne(engine: Engine, { Id, State }: ContainerInspectInfo): Promise<void> {
  if (State.Paused) await engine.ask(() => engine.quick.getContainer(Id).unpause(), { fine: [409, 500] })
  await engine.ask(() => engine.patient.getContainer(Id).restart())
}

export async function kill(engine: Engine, project: Project, name: string, signal: NodeJS.Signals): Promise<void> {
  const { containers } = await project.get(name)
  for (const { Id } of containers) await engine.ask(() => engine.quick.getContainer(Id).kill({ signal }), { fine: [409] })
}

/** One container after the other, each put back when its successor does not start. Nothing happens to what says so already. */
export async function setConfig(engine: Engine, project: Project, name: string, text: string): Promise<void> {
  const { containers, leftovers } = await project.get(name)
  for (const id of leftovers) await discard(engine, id)
  for (const container of containers) {
    const now = await readConfig(engine, container)
    textOf(now) // refuses when the values cannot be seen
    const wanted = parseConfig(text, now)
    if (differences(fingerprintOf(now), fingerprintOf(wanted)).length === 0) continue
    checkFiles(now, wanted)
    await replace(engine, container, reconfigured(templateOf(container, now), now, wanted))
  }
}

/** Files are neither added nor taken away: what is mounted is the owner's to say. */
function checkFiles(now: ContainerConfig, wanted: ContainerConfig): void {
  const paths = [...new Set([...Object.keys(now.files), ...Object.keys(wanted.files)])]
  const bad = paths.find((path) => !(path in now.files) || !(path in wanted.files))
  if (bad) throw new TriageError('E_RUNTIME_UNSUPPORTED', `The file ${bad} cannot be added or taken away, only changed`)
}
