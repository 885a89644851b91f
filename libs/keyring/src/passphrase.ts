// What opens the key file: a passphrase, stretched with scrypt (RFC 7914), or the key that somebody stretched it to.
import { Buffer } from 'node:buffer'
import { randomBytes, scryptSync } from 'node:crypto'
import { dirname, join } from 'node:path'
import type { Settings, Values } from '@triage/config'
import { TriageError } from '@triage/contracts'
import { createPrivateFile, readPrivateFile } from './private-file.ts'

export const unlockSettings = {
  fileKey: {
    env: 'TRIAGE_KEYS_UNLOCKED',
    kind: 'string',
    description: "the key file's own key, 64 hex digits: what its passphrase was stretched to",
    default: ''
  },
  passphrase: { env: 'TRIAGE_KEYS_PASSPHRASE', kind: 'string', description: 'passphrase of the key file', default: '' },
  passphraseFile: {
    env: 'TRIAGE_KEYS_PASSPHRASE_FILE',
    kind: 'path',
    description: 'file that holds the passphrase of the key file; keys.passphrase beside it when none of the three is set',
    default: ''
  }
} as const satisfies Settings

export type Unlock = Values<typeof unlockSettings>

/** Cost of scrypt; memory is 128 × N × r bytes, for the moment. */
export interface Stretching {
  name: 'scrypt'
  N: number
  r: number
  p: number
  /** Base64, 16 bytes. */
  salt: string
}

/** For a passphrase that a person chose: 128 MiB and a third of a second make guessing dear. */
const chosen = { N: 2 ** 17, r: 8, p: 1 }
/** For 256 random bits, which nobody guesses. */
const generated = { N: 2 ** 14, r: 8, p: 1 }
/** A file that asks for more was not made by us. */
const most = { N: 2 ** 18, r: 8, p: 4 }

export const passphraseFileOf = (path: string): string => join(dirname(path), 'keys.passphrase')

/** Writes a random passphrase beside the key file, mode 0600, unless there is one. */
export function generatePassphrase(path: string): void {
  createPrivateFile(passphraseFileOf(path), `${randomBytes(32).toString('base64url')}\n`)
}

/** @throws E_KEYS_PASSPHRASE when there is none; E_KEYS_MODE */
export function passphraseFor(path: string, { passphrase, passphraseFile }: Unlock): string {
  if (passphrase) return passphrase
  const file = passphraseFile || passphraseFileOf(path)
  try {
    const text = readPrivateFile(file).trim()
    if (text) return text
  } catch (error) {
    if (error instanceof TriageError) throw error
    throw new TriageError('E_KEYS_PASSPHRASE', `no passphrase for ${path}: ${(error as Error).message}`, { cause: error })
  }
  throw new TriageError('E_KEYS_PASSPHRASE', `no passphrase for ${path}: ${file} is empty`)
}

/** How a new file's passphrase is stretched. */
export const newStretching = ({ passphrase, passphraseFile }: Unlock): Stretching => ({
  name: 'scrypt',
  ...(passphrase || passphraseFile ? chosen : generated),
  salt: randomBytes(16).toString('base64')
})

const within = (value: unknown, top: number): boolean => Number.isSafeInteger(value) && (value as number) >= 1 && (value as number) <= top

/** @throws E_KEYS_INVALID when the cost is none that we would ask for */
export function stretch(passphrase: string, { name, N, r, p, salt }: Stretching): Buffer {
  if (name !== 'scrypt' || !within(N, most.N) || N & (N - 1) || !within(r, most.r) || !within(p, most.p))
    throw new TriageError('E_KEYS_INVALID', 'the key file asks for a key derivation that is not allowed')
  return scryptSync(passphrase, Buffer.from(salt, 'base64'), 32, { N, r, p, maxmem: 256 * N * r })
}
