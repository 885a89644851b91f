import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** Keeps what undoing an action needs, on this agent's own disk: it may be secret and belongs in no fact. */
export class UndoStore {
  readonly #folder: string

  constructor(folder: string) {
    this.#folder = folder
  }

  /** @param key the effect's idempotency key */
  async keep(key: string, content: string): Promise<void> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 })
    await writeFile(join(this.#folder, key), content, { mode: 0o600 })
  }

  async read(key: string): Promise<string> {
    return readFile(join(this.#folder, key), 'utf8')
  }
}
