// Files that are for their owner alone: seeds, keys, passphrases.
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { TriageError } from '@triage/contracts'

/** @throws E_KEYS_MODE when anybody but its owner may do something with the file; what the file system throws */
export function ownersAlone(path: string): void {
  const mode = statSync(path).mode & 0o777
  if (mode & 0o077) throw new TriageError('E_KEYS_MODE', `${path} has mode ${mode.toString(8)}; it must be 600`)
}

/** The text of a file that nobody else may read. Throws as `ownersAlone` does. */
export function readPrivateFile(path: string): string {
  ownersAlone(path)
  return readFileSync(path, 'utf8')
}

/** Writes a file of mode 0600; false when there is one, which stays as it is. */
export function createPrivateFile(path: string, content: string | Buffer): boolean {
  try {
    writeFileSync(path, content, { flag: 'wx', mode: 0o600 })
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    return false
  }
}
