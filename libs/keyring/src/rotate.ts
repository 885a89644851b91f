import { randomBytes } from 'node:crypto'
import type { KeyFile } from './key-file.ts'
import type { HeldKeys } from './ring.ts'
import { type KeyVersion, nextOf, switched, withNext } from './versions.ts'

/** Resolves when every live process says so of its keys. Throws E_TIMEOUT that names those that do not. */
export type Everybody = (what: string, says: (keys: HeldKeys) => boolean) => Promise<void>

/**
 * Changes the key that messages are signed with, and loses none: the next key is given to all; when all have it, all sign with
 * it; the one before retires by itself when nothing signed with it can be on its way. Tried again after a failure it goes on
 * where it stopped. Throws E_KEYS_BUSY, E_KEYS_TOO_SOON, E_TIMEOUT.
 */
export async function rotate(file: KeyFile, everybody: Everybody, now: () => number = Date.now): Promise<KeyVersion[]> {
  using _ = file.lock()
  const { id } = nextOf(file.update((versions) => withNext(versions, randomBytes(32), now())))!
  await everybody(`have the key ${id}`, ({ accepts }) => accepts.includes(id))
  const versions = file.update((held) => switched(held, now()))
  await everybody(`sign with the key ${id}`, ({ signs_with }) => signs_with === id)
  return versions
}
