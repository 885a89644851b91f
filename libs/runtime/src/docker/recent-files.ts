// The files of containers, for who asks again and again: each read costs the engine a mount.
import type { ContainerInspectInfo } from 'dockerode'
import type { Engine } from './engine.ts'
import { readFiles } from './files.ts'

/** A change of a file is noticed after so long at the latest. */
const freshMs = 5000

export class RecentFiles {
  readonly #engine: Engine
  /** By container. */
  readonly #known = new Map<string, { until: number; files: Promise<Record<string, string>> }>()

  constructor(engine: Engine) {
    this.#engine = engine
  }

  of(container: ContainerInspectInfo): Promise<Record<string, string>> {
    const now = performance.now()
    for (const [id, { until }] of this.#known) if (until < now) this.#known.delete(id)
    const known = this.#known.get(container.Id)
    if (known) return known.files
    const files = readFiles(this.#engine, container)
    this.#known.set(container.Id, { until: now + freshMs, files })
    files.catch(() => this.#known.delete(container.Id))
    return files
  }
}
