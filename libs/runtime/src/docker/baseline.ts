// The last known good state of a project, in a folder of its own: a file with hashes for whoever observes, and one with what
// it takes to put things back, for whoever repairs.
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { TriageError } from '@triage/contracts'
import type { ConfigText } from '../port.ts'
import type { Workload } from '../workload.ts'
import type { Fingerprint } from './fingerprint.ts'
import type { Template } from './template.ts'

/** For readers: nothing in it is a secret. */
export interface GoodService {
  /** As it was described then. */
  workload: Workload
  replicas: number
  /** Names of the networks that it was attached to. */
  networks: string[]
  fingerprint: Fingerprint
  config_hash: string
}

/** For writers: secrets and all. */
export interface GoodConfig {
  config: ConfigText
  /** Of its first container. */
  template: Template
}

export interface BaselineServices<T> {
  project: string
  /** RFC 3339. */
  taken_at: string
  services: Record<string, T>
}

/** The secrets lie in a folder of their own: containers that share the hashes can be kept from it by what is mounted there. */
const files = { good: 'fingerprints.json', configs: 'private/configurations.json' } as const

export class Baseline {
  readonly #folder: string
  readonly #project: string

  constructor(folder: string, project: string) {
    this.#folder = folder
    this.#project = project
  }

  /** Null when none was taken. */
  good(): BaselineServices<GoodService> | null {
    return this.#read(files.good)
  }

  /** Null when none was taken, or when this process may not read it. */
  configs(): BaselineServices<GoodConfig> | null {
    return this.#read(files.configs)
  }

  /** Replaces what was there. The configurations are written first: what readers compare with can be restored. */
  write(good: Record<string, GoodService>, configs: Record<string, GoodConfig>): void {
    mkdirSync(dirname(join(this.#folder, files.configs)), { recursive: true })
    const head = { project: this.#project, taken_at: new Date().toISOString() }
    this.#write(files.configs, { ...head, services: configs }, 0o600)
    this.#write(files.good, { ...head, services: good }, 0o644)
  }

  #read<T>(file: string): BaselineServices<T> | null {
    const path = join(this.#folder, file)
    try {
      const found = JSON.parse(readFileSync(path, 'utf8')) as BaselineServices<T>
      return found.project === this.#project ? found : null
    } catch (cause) {
      if (['ENOENT', 'EACCES'].includes((cause as NodeJS.ErrnoException).code ?? '')) return null
      throw new TriageError('E_CONFIG', `The baseline ${path} cannot be read: ${(cause as Error).message}`, { cause })
    }
  }

  #write(file: string, value: unknown, mode: number): void {
    const path = join(this.#folder, file)
    writeFileSync(`${path}.new`, JSON.stringify(value, null, 2), { mode })
    renameSync(`${path}.new`, path)
  }
}
