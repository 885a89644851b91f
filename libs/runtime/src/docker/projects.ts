// The compose projects that an engine has containers of.
import { TriageError } from '@triage/contracts'
import type { Engine } from './engine.ts'
import { compose } from './labels.ts'

/** By name. Through a filtering proxy there is no other than its own. */
export async function projectsOf(engine: Engine): Promise<string[]> {
  const rows = await engine.ask(() => engine.quick.listContainers({ all: true, filters: { label: [compose.project] } }))
  return [...new Set(rows.map(({ Labels }) => Labels[compose.project]!))].toSorted()
}

/** What is said when a project has no container and none is known from before. */
export async function unknownProject(engine: Engine, name: string): Promise<TriageError> {
  const others = await projectsOf(engine)
  const there = others.length > 0 ? `there is ${others.join(', ')}` : 'there is no other either'
  return new TriageError('E_RUNTIME_UNKNOWN_PROJECT', `There is no container of a compose project named ${name}; ${there}`)
}
