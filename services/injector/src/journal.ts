import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import type { Injection } from '@triage/contracts'
import type { UndoData } from './faults/fault.ts'

export interface Entry extends Injection {
  undo: UndoData
}

/** What is in force and how to take it back, on the injector's own disk. Written before anything is done. */
export class Journal {
  readonly #path: string
  #entries: Entry[]

  constructor(path: string) {
    this.#path = path
    this.#entries = this.#read()
  }

  get entries(): readonly Entry[] {
    return this.#entries
  }

  add(entry: Entry): void {
    this.#write([...this.#entries, entry])
  }

  remove(id: string): void {
    this.#write(this.#entries.filter((entry) => entry.injection_id !== id))
  }

  #read(): Entry[] {
    try {
      return JSON.parse(readFileSync(this.#path, 'utf8')) as Entry[]
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
      throw error
    }
  }

  #write(entries: Entry[]): void {
    writeFileSync(`${this.#path}.new`, JSON.stringify(entries), { mode: 0o600 })
    renameSync(`${this.#path}.new`, this.#path)
    this.#entries = entries
  }
}
