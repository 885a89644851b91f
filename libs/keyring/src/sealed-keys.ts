// The bytes of a key file: a header that says how the passphrase is stretched, and the versions in a secretbox (NaCl:
// XSalsa20-Poly1305) under the stretched key. A secretbox authenticates no header, so the hash of it lies inside.
import { Buffer } from 'node:buffer'
import { hash, randomBytes } from 'node:crypto'
import { TriageError } from '@triage/contracts'
import nacl from 'tweetnacl'
import type { Stretching } from './passphrase.ts'
import type { KeyVersion } from './versions.ts'

export interface KeyFileHeader {
  triage_keys: 2
  kdf: Stretching
}

interface SealedKeys extends KeyFileHeader {
  /** Base64, 24 bytes, new at each writing. */
  nonce: string
  /** Base64. */
  box: string
}

interface Content {
  header_sha256: string
  versions: (Omit<KeyVersion, 'root'> & { root: string })[]
}

const hashOf = ({ triage_keys, kdf: { name, N, r, p, salt } }: KeyFileHeader): string =>
  hash('sha256', JSON.stringify([triage_keys, name, N, r, p, salt]))
const invalid = (why: string): never => {
  throw new TriageError('E_KEYS_INVALID', why)
}

export function sealKeys(versions: readonly KeyVersion[], header: KeyFileHeader, fileKey: Uint8Array): string {
  const content: Content = {
    header_sha256: hashOf(header),
    versions: versions.map((version) => ({ ...version, root: version.root.toString('base64') }))
  }
  const nonce = randomBytes(nacl.secretbox.nonceLength)
  const box = nacl.secretbox(Buffer.from(JSON.stringify(content)), nonce, fileKey)
  const sealed: SealedKeys = { ...header, nonce: nonce.toString('base64'), box: Buffer.from(box).toString('base64') }
  return `${JSON.stringify(sealed)}\n`
}

/** The parts of a key file that need no key. Throws E_KEYS_INVALID; the text is not quoted. */
export function readSealed(text: string): SealedKeys {
  let sealed: SealedKeys | null
  try {
    sealed = JSON.parse(text) as SealedKeys
  } catch {
    return invalid('it is not JSON')
  }
  const whole = sealed?.triage_keys === 2 && [sealed.nonce, sealed.box, sealed.kdf?.salt].every((part) => typeof part === 'string')
  return whole ? sealed! : invalid('it is not a key file of version 2')
}

/** Throws E_KEYS_PASSPHRASE when the key does not open the box, E_KEYS_INVALID when what is in it is no set of keys. */
export function openKeys({ nonce, box, ...header }: SealedKeys, fileKey: Uint8Array): KeyVersion[] {
  const sealed = [Buffer.from(box, 'base64'), Buffer.from(nonce, 'base64')] as const
  if (sealed[1].length !== nacl.secretbox.nonceLength || fileKey.length !== nacl.secretbox.keyLength) return invalid('its parts are cut')
  const opened = nacl.secretbox.open(...sealed, fileKey)
  if (!opened) throw new TriageError('E_KEYS_PASSPHRASE', 'the passphrase is wrong, or the file was altered')
  const content = JSON.parse(Buffer.from(opened).toString('utf8')) as Content
  if (content.header_sha256 !== hashOf(header)) return invalid('its header was altered')
  const versions = content.versions.map((version) => ({ ...version, root: Buffer.from(version.root, 'base64') }))
  return versions.length > 0 && versions.every(({ root }) => root.length === 32) ? versions : invalid('a root is not 32 bytes long')
}
