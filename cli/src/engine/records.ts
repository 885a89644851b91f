// What is remembered of engines, a file for each: what it runs, on which port, where, and why not elsewhere.
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { TriageError } from '@triage/contracts'
import type { Client } from './kinds.ts'
import type { Process } from './program.ts'
import type { Kind, Spec } from './spec.ts'

/** A way of having a model served: one that was there, or one that is started. */
export type Place = 'adopted' | 'container' | 'program'

export interface EngineRecord {
  spec: Spec
  /** On the loopback; it is the same again at the next start. Null for one that was adopted. */
  port: number | null
  /** Where it was started last; null when nothing is left of that. */
  at: { place: Place; kind: Kind; process: Process | null } | null
  client: Client
  /** Ways that come before it, and why not. */
  passed: { way: string; why: string }[]
}

const names = /^[a-z0-9][a-z0-9-]{0,30}$/

export class Records {
  readonly folder: string

  constructor(folder: string) {
    this.folder = folder
  }

  #pathOf(name: string): string {
    if (!names.test(name))
      throw new TriageError('E_USAGE', `"${name}" is no name for an engine: at most 31 small letters, digits and hyphens`)
    return join(this.folder, `${name}.json`)
  }

  async find(name: string): Promise<EngineRecord | null> {
    const path = this.#pathOf(name)
    const text = await readFile(path, 'utf8').catch(() => null)
    try {
      return text === null ? null : (JSON.parse(text) as EngineRecord)
    } catch {
      throw new TriageError('E_CONFIG', `${path} is damaged: remove it`)
    }
  }

  /** @throws E_ENGINE_UNKNOWN */
  async get(name: string): Promise<EngineRecord> {
    const found = await this.find(name)
    if (!found) throw new TriageError('E_ENGINE_UNKNOWN', `there is no engine ${name}`)
    return found
  }

  /** By name. */
  async all(): Promise<EngineRecord[]> {
    const files = await readdir(this.folder).catch(() => [])
    const found = files.filter((file) => file.endsWith('.json')).map((file) => file.slice(0, -'.json'.length))
    return Promise.all(found.sort().map((name) => this.get(name)))
  }

  async keep(record: EngineRecord): Promise<void> {
    const path = this.#pathOf(record.spec.name)
    await mkdir(this.folder, { recursive: true, mode: 0o700 })
    await writeFile(`${path}.new`, JSON.stringify(record, null, 2), { mode: 0o600 })
    await rename(`${path}.new`, path)
  }

  async forget(name: string): Promise<void> {
    await rm(this.#pathOf(name), { force: true })
  }
}
