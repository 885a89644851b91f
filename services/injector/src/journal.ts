import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import type { Injection } from '@triage/contracts'
import type { Vault } from '@triage/keyring'
import type { UndoData } from './faults/fault.ts'

export interface Entry extends Injection {
  undo: UndoData
}

/** What is in force and how to take it back, encrypted on the injector's own disk. Written before anything is done. */
export class Journal {
  readonly #path: string
  readonly #vault: Vault
  #entries: Entry[]

  constructor(path: string, vault: Vault) {
    this.#path = path
    this.#vault = vault
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
      return JSON.parse(this.#vault.open(readFileSync(this.#path, 'utf8'))) as Entry[]
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
      throw error
    }
  }

  #write(entries: Entry[]): void {
    writeFileSync(`${this.#path}.new`, this.#vault.seal(JSON.stringify(entries)), { mode: 0o600 })
    renameSync(`${this.#path}.new`, this.#path)
    this.#entries = entries
  }
}
