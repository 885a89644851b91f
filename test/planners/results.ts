// Rows as JSON lines: what is there already is not rehearsed again.
import { readFile, rename, writeFile } from 'node:fs/promises'
import { type Key, type Row, sameKey } from './row.ts'

export class Results {
  readonly #file: string
  #rows: readonly Row[]

  private constructor(file: string, rows: readonly Row[]) {
    this.#file = file
    this.#rows = rows
  }

  static async read(file: string): Promise<Results> {
    const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return ''
      throw error
    })
    const lines = text.split('\n').filter(Boolean)
    return new Results(
      file,
      lines.map((line) => JSON.parse(line) as Row)
    )
  }

  get rows(): readonly Row[] {
    return this.#rows
  }

  has(key: Key): boolean {
    return this.#rows.some((row) => sameKey(row, key))
  }

  /** In the place of the row that there was of its key. Whoever is killed meanwhile leaves the file as it was. */
  async put(row: Row): Promise<void> {
    this.#rows = [...this.#rows.filter((other) => !sameKey(other, row)), row]
    await writeFile(`${this.#file}.new`, this.#rows.map((one) => `${JSON.stringify(one)}\n`).join(''))
    await rename(`${this.#file}.new`, this.#file)
  }
}
