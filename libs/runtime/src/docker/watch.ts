// The events of a project in the port's terms.
import type { RuntimeEvent } from '../port.ts'
import { configHash, readConfig } from './config.ts'
import { exitOf, runIdOf } from './describe.ts'
import type { Engine } from './engine.ts'
import { type EngineEvent, engineEvents } from './events.ts'
import { workloadOf } from './labels.ts'
import type { Project } from './project.ts'

/** A configuration has changed when a container is started that says something else than the one before. */
export async function* watch(engine: Engine, project: Project, signal: AbortSignal): AsyncGenerator<RuntimeEvent> {
  /** By container: the run that an exit will belong to. */
  const runs = new Map<string, string>()
  /** By workload. */
  const hashes = new Map<string, string>()

  async function begin(): Promise<void> {
    for (const { name, containers } of await project.services()) {
      for (const container of containers) runs.set(container.Id, runIdOf(container))
      hashes.set(name, configHash(await readConfig(engine, containers[0])))
    }
  }

  async function started({ container: id, at }: EngineEvent, name: string): Promise<RuntimeEvent[]> {
    // It may be gone again.
    const container = await project.inspect(id).catch(() => null)
    if (!container) return []
    const run_id = runIdOf(container)
    runs.set(id, run_id)
    const config_hash = configHash(await readConfig(engine, container))
    const changed = hashes.has(name) && hashes.get(name) !== config_hash
    hashes.set(name, config_hash)
    return [{ kind: 'start', name, run_id, at }, ...(changed ? [{ kind: 'config' as const, name, config_hash, at }] : [])]
  }

  function exited({ container: id, at, labels }: EngineEvent, name: string): RuntimeEvent {
    const run_id = runs.get(id) ?? ''
    runs.delete(id)
    return { kind: 'exit', name, run_id, at, ...exitOf(Number(labels.exitCode ?? 0)) }
  }

  for await (const event of engineEvents(engine, project.name, signal, begin)) {
    const name = workloadOf(event.labels)
    if (!name) continue
    if (event.action === 'die') yield exited(event, name)
    else yield* await started(event, name)
  }
}
