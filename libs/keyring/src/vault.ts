import { Buffer } from 'node:buffer'
import { type KeyObject, randomBytes } from 'node:crypto'
import { TriageError } from '@triage/contracts'
import nacl from 'tweetnacl'
import type { Keyring } from './ring.ts'

/** The vaults' keys are derived beside those of messages, for an audience that no message has. */
const audience = '(vault)'

/** Encrypts what a process keeps on its disk. What was sealed under a key that has retired since still opens. */
export class Vault {
  readonly #keys: Keyring
  readonly #name: string

  /** @param name of what is kept; each has a key of its own */
  constructor(keys: Keyring, name: string) {
    this.#keys = keys
    this.#name = name
  }

  /** One line of text. */
  seal(text: string): string {
    const version = this.#keys.current
    const nonce = randomBytes(nacl.secretbox.nonceLength)
    const box = nacl.secretbox(Buffer.from(text, 'utf8'), nonce, this.#key(version)!.export())
    return [version, nonce.toString('base64'), Buffer.from(box).toString('base64')].join(' ')
  }

  /** Throws E_KEYS_INVALID when it was altered, or sealed with other keys or under another name. */
  open(sealed: string): string {
    const [version = '', nonce = '', box = ''] = sealed.trim().split(' ')
    const key = this.#key(version)
    const bytes = Buffer.from(nonce, 'base64')
    const opened =
      key && bytes.length === nacl.secretbox.nonceLength && nacl.secretbox.open(Buffer.from(box, 'base64'), bytes, key.export())
    if (!opened) throw new TriageError('E_KEYS_INVALID', `what ${this.#name} kept was altered, or sealed with other keys`)
    return Buffer.from(opened).toString('utf8')
  }

  #key(version: string): KeyObject | null {
    return this.#keys.key(this.#name, audience, version, 0)
  }
}
