import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Vault } from '@triage/keyring'

/** Keeps what undoing an action needs, encrypted on this agent's own disk: it may be secret and belongs in no fact. */
export class UndoStore {
  readonly #folder: string
  readonly #vault: Vault

  constructor(folder: string, vault: Vault) {
    this.#folder = folder
    this.#vault = vault
  }

  /** @param key the effect's idempotency key */
  async keep(key: string, content: string): Promise<void> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 })
    await writeFile(join(this.#folder, key), this.#vault.seal(content), { mode: 0o600 })
  }

  async read(key: string): Promise<string> {
    return this.#vault.open(await readFile(join(this.#folder, key), 'utf8'))
  }
}
