// The users' own keys on the bus: seeds in files for whoever is the user, public keys for the server.
import { chmodSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { TriageError } from '@triage/contracts'
import { createPrivateFile, readPrivateFile } from '@triage/keyring/private-file'
import { type User, users } from './layout.ts'
import { Nkey } from './nkey.ts'

/** Where a user's seed is. `nats --nkey FILE` takes it too. */
export const seedPath = (folder: string, user: string): string => join(folder, `${user}.nk`)

/** Reads a seed. Throws E_KEYS_MODE when others may read the file, E_KEYS_INVALID when it holds no seed of a user. */
export function readNkey(path: string): Nkey {
  const invalid = (why: string): TriageError => new TriageError('E_KEYS_INVALID', `${path}: ${why}`)
  let text: string
  try {
    text = readPrivateFile(path).trim()
  } catch (error) {
    throw error instanceof TriageError ? error : invalid((error as Error).message)
  }
  const nkey = Nkey.parse(text)
  if (!nkey) throw invalid('it holds no nkey seed of a user')
  return nkey
}

/** Makes a seed for each user that has none, mode 0600, and returns everybody's public key. Throws as `readNkey` does. */
export function createNkeys(folder: string, names: readonly string[] = users): Record<User, string> {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  chmodSync(folder, 0o700)
  const made = names.map((user) => {
    const path = seedPath(folder, user)
    createPrivateFile(path, `${Nkey.seed()}\n`)
    return [user, readNkey(path).publicKey]
  })
  return Object.fromEntries(made) as Record<User, string>
}
