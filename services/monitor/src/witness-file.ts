import { mkdir, open, readFile, rename } from 'node:fs/promises'
import { join } from 'node:path'

/** What a witness remembers. */
export interface Witnessed {
  /** Where the checkpoint stands in its stream. */
  position: number
  /** The checkpoint with the witness's signature. */
  checkpoint: string
}

const fileOf = (folder: string): string => join(folder, 'witnessed.json')

/** Null when there is none. Throws when it cannot be read. */
export async function readWitnessed(folder: string): Promise<Witnessed | null> {
  const text = await readFile(fileOf(folder), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null
    throw error
  })
  return text === null ? null : (JSON.parse(text) as Witnessed)
}

/** Resolves when it is on the disk: what a witness has signed it must not forget. */
export async function keepWitnessed(folder: string, witnessed: Witnessed): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const path = fileOf(folder)
  const file = await open(`${path}.new`, 'w', 0o600)
  try {
    await file.writeFile(JSON.stringify(witnessed))
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(`${path}.new`, path)
}
