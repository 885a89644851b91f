// The operator's Ed25519 key pair as files: the private one for the operator's commands, the public one for who verifies.
import { createPrivateKey, createPublicKey, generateKeyPairSync, hash, type KeyObject } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { TriageError } from '@triage/contracts'
import { createPrivateFile, readPrivateFile } from '@triage/keyring/private-file'

/** Public keys of those whose word counts, by key id. */
export type OperatorKeys = ReadonlyMap<string, KeyObject>

/** First 16 hex digits of the SHA-256 of the public key in SPKI form. */
export function keyIdOf(key: KeyObject): string {
  const spki = (key.type === 'public' ? key : createPublicKey(key)).export({ type: 'spki', format: 'der' })
  return hash('sha256', spki).slice(0, 16)
}

/** Writes a new key pair as PEM files, the private one for its owner alone. Leaves a pair that is there alone. */
export function createOperatorKey(privatePath: string, publicPath: string): void {
  const { privateKey } = generateKeyPairSync('ed25519')
  if (!createPrivateFile(privatePath, privateKey.export({ type: 'pkcs8', format: 'pem' }))) return
  writeFileSync(publicPath, createPublicKey(privateKey).export({ type: 'spki', format: 'pem' }), { mode: 0o644 })
}

/** The operator's private key. Throws E_KEYS_MODE when others may read it, E_KEYS_INVALID when it is none. */
export function openOperatorKey(path: string): KeyObject {
  try {
    return ed25519(createPrivateKey(readPrivateFile(path)), path)
  } catch (error) {
    throw error instanceof TriageError ? error : invalid(path, error)
  }
}

/** The public keys in a file, one PEM block each: as many operators as there are. Throws E_KEYS_INVALID. */
export function openOperatorKeys(path: string): OperatorKeys {
  try {
    const blocks = readFileSync(path, 'utf8').match(/-----BEGIN PUBLIC KEY-----[^-]+-----END PUBLIC KEY-----/g) ?? []
    if (blocks.length === 0) throw new TriageError('E_KEYS_INVALID', `${path} holds no public key`)
    return new Map(blocks.map((pem) => ed25519(createPublicKey(pem), path)).map((key) => [keyIdOf(key), key]))
  } catch (error) {
    throw error instanceof TriageError ? error : invalid(path, error)
  }
}

/** The operator's own key, for who reads what they have signed. */
export const operatorKeysOf = (key: KeyObject): OperatorKeys => new Map([[keyIdOf(key), createPublicKey(key)]])

function ed25519(key: KeyObject, path: string): KeyObject {
  if (key.asymmetricKeyType !== 'ed25519') throw new TriageError('E_KEYS_INVALID', `${path} holds no Ed25519 key`)
  return key
}

/** The cause is left out of the message: it may quote the file. */
const invalid = (path: string, cause: unknown): TriageError =>
  new TriageError(
    'E_KEYS_INVALID',
    `${path} cannot be read as a key${(cause as NodeJS.ErrnoException).code === 'ENOENT' ? ': it is not there' : ''}`,
    {
      cause
    }
  )
