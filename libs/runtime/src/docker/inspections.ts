// What the engine says of containers, for who asks again and again: inspecting one costs engine, proxy and driver a millisecond
// each, and says the same until the container's line in the engine's list changes.
import { TriageError } from '@triage/contracts'
import type { ContainerInfo, ContainerInspectInfo } from 'dockerode'
import type { Engine } from './engine.ts'

/** What the line does not show, such as `docker update`, is noticed after so long at the latest. */
const freshMs = 10_000
/** The line counts whole seconds: of two starts within one it may say the same. */
const settledMs = 5_000

interface Known {
  line: string
  until: number
  container: ContainerInspectInfo
}

export class Inspections {
  readonly #engine: Engine
  /** By container. */
  readonly #known = new Map<string, Known>()

  constructor(engine: Engine) {
    this.#engine = engine
  }

  /** Null when it is gone. */
  async of(row: ContainerInfo): Promise<ContainerInspectInfo | null> {
    const now = performance.now()
    for (const [id, { until }] of this.#known) if (until < now) this.#known.delete(id)
    const line = JSON.stringify([row.State, row.Status, row.Names, row.NetworkSettings])
    const known = this.#known.get(row.Id)
    if (known?.line === line) return known.container
    const container = await this.ask(row.Id).catch(gone)
    if (container && isSettled(container)) this.#known.set(row.Id, { line, until: now + freshMs, container })
    return container
  }

  /** Asks the engine, whatever is known. Throws E_RUNTIME_UNKNOWN_TARGET. */
  ask(id: string): Promise<ContainerInspectInfo> {
    return this.#engine.ask(() => this.#engine.quick.getContainer(id).inspect())
  }
}

function isSettled({ State: { StartedAt, FinishedAt } }: ContainerInspectInfo): boolean {
  return Date.now() - Math.max(Date.parse(StartedAt), Date.parse(FinishedAt)) > settledMs
}

function gone(error: unknown): null {
  if (TriageError.from(error).code === 'E_RUNTIME_UNKNOWN_TARGET') return null
  throw error
}
