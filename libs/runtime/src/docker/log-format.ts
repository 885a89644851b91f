// Whether a container logs JSON: found out once from its newest lines.
import type { ContainerInspectInfo } from 'dockerode'
import type { Workload } from '../workload.ts'
import type { Engine } from './engine.ts'
import { readLogs } from './logs.ts'

const sample = 20
const maxKnown = 1000
/** One that has said nothing yet is asked again after so long. */
const silenceMs = 30_000

export class LogFormats {
  readonly #engine: Engine
  readonly #known = new Map<string, { format: Workload['log_format']; until: number }>()

  constructor(engine: Engine) {
    this.#engine = engine
  }

  /** @param labelled what the owner says */
  async of(container: ContainerInspectInfo, labelled?: string): Promise<Workload['log_format']> {
    if (labelled === 'json' || labelled === 'text') return labelled
    const known = this.#known.get(container.Id)
    if (known && performance.now() < known.until) return known.format
    // A log driver that keeps nothing to read is no reason to fail.
    const lines = await readLogs(this.#engine, [container], { tail: sample, max_bytes: 64 * 1024 }).catch(() => [])
    const format = lines.filter(({ line }) => isObject(line)).length * 2 > lines.length ? 'json' : 'text'
    if (this.#known.size >= maxKnown) this.#known.clear()
    this.#known.set(container.Id, { format, until: lines.length > 0 ? Number.POSITIVE_INFINITY : performance.now() + silenceMs })
    return format
  }
}

function isObject(line: string): boolean {
  try {
    return line.startsWith('{') && typeof JSON.parse(line) === 'object'
  } catch {
    return false
  }
}
