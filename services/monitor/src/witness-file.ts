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

/** `witnessed` is null when there is no file, or when it cannot be read: then `fault` says why. */
export async function readWitnessed(folder: string): Promise<{ witnessed: Witnessed | null; fault: string | null }> {
  try {
    return { witnessed: JSON.parse(await readFile(fileOf(folder), 'utf8')) as Witnessed, fault: null }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    return { witnessed: null, fault: code === 'ENOENT' ? null : message }
  }
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
