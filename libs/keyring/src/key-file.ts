// The key file on disk: read by all, written by one at a time, never half.
import { Buffer } from 'node:buffer'
import { randomBytes } from 'node:crypto'
import { closeSync, fsyncSync, linkSync, openSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { readConfig } from '@triage/config'
import { TriageError } from '@triage/contracts'
import { generatePassphrase, newStretching, passphraseFor, stretch, type Unlock, unlockSettings } from './passphrase.ts'
import { createPrivateFile, ownersAlone } from './private-file.ts'
import { Keyring } from './ring.ts'
import { type KeyFileHeader, openKeys, readSealed, sealKeys } from './sealed-keys.ts'
import { firstVersion, type KeyVersion } from './versions.ts'

/** Thousands of versions; more is no key file. */
const mostBytes = 1024 ** 2

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** The process that holds a lock; null when it is gone, or never got to saying who it is. */
function holderOf(path: string): number | null {
  const pid = Number(readFileSync(path, 'utf8'))
  const young = Date.now() - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0) < 1_000
  return (pid > 0 ? isAlive(pid) : young) ? pid : null
}

function writeThrough(path: string, text: string): void {
  rmSync(path, { force: true })
  const file = openSync(path, 'wx', 0o600)
  writeFileSync(file, text)
  fsyncSync(file)
  closeSync(file)
}

export class KeyFile {
  readonly path: string
  readonly #unlock: Unlock
  /** Stays the same for the life of the file: the passphrase is stretched once in each process. */
  #fileKey: Buffer | null

  constructor(path: string, unlock: Unlock = readConfig(unlockSettings)) {
    this.path = path
    this.#unlock = unlock
    this.#fileKey = unlock.fileKey ? Buffer.from(unlock.fileKey, 'hex') : null
  }

  /** What the passphrase was stretched to, hex, for a process that shall open the file without knowing the passphrase. */
  get unlocked(): string {
    this.read()
    return this.#fileKey!.toString('hex')
  }

  /** Throws E_KEYS_MODE, E_KEYS_PASSPHRASE or E_KEYS_INVALID, each with the path and never with the content. */
  read(): KeyVersion[] {
    return this.#open().versions
  }

  get exists(): boolean {
    return statSync(this.path, { throwIfNoEntry: false }) !== undefined
  }

  /** Changes on each writing. */
  get stamp(): string {
    const found = statSync(this.path, { throwIfNoEntry: false })
    return found ? `${found.ino} ${found.mtimeMs} ${found.mode}` : 'missing'
  }

  /** Replaces the versions, at once. The caller holds the lock. */
  update(change: (versions: KeyVersion[]) => KeyVersion[]): KeyVersion[] {
    const { header, versions } = this.#open()
    const changed = change(versions)
    writeThrough(`${this.path}.new`, sealKeys(changed, header, this.#fileKey!))
    renameSync(`${this.path}.new`, this.path)
    return changed
  }

  /** Throws E_KEYS_BUSY while another process holds it. One that died holding it holds it no more. */
  lock(): Disposable {
    const path = `${this.path}.lock`
    if (!createPrivateFile(path, String(process.pid))) {
      const holder = holderOf(path)
      if (holder !== null) throw new TriageError('E_KEYS_BUSY', `process ${holder} is changing ${this.path}`)
      rmSync(path, { force: true })
      return this.lock()
    }
    return { [Symbol.dispose]: () => rmSync(path, { force: true }) }
  }

  /** Writes the file with a first version; false when there is one, which stays as it is. */
  create(): boolean {
    const header: KeyFileHeader = { triage_keys: 2, kdf: newStretching(this.#unlock) }
    this.#fileKey ??= stretch(passphraseFor(this.path, this.#unlock), header.kdf)
    const draft = `${this.path}.${process.pid}`
    writeThrough(draft, sealKeys([firstVersion(randomBytes(32), Date.now())], header, this.#fileKey))
    try {
      linkSync(draft, this.path)
      return true
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
      return false
    } finally {
      rmSync(draft)
    }
  }

  #open(): { header: KeyFileHeader; versions: KeyVersion[] } {
    try {
      ownersAlone(this.path)
      if (statSync(this.path).size > mostBytes) throw new Error('it is too long to be a key file')
      const sealed = readSealed(readFileSync(this.path, 'utf8'))
      const { triage_keys, kdf } = sealed
      this.#fileKey ??= stretch(passphraseFor(this.path, this.#unlock), kdf)
      return { header: { triage_keys, kdf }, versions: openKeys(sealed, this.#fileKey) }
    } catch (error) {
      const { code, message } = TriageError.from(error, 'E_KEYS_INVALID')
      throw new TriageError(code, message.includes(this.path) ? message : `${this.path}: ${message}`, { cause: error })
    }
  }
}

/**
 * The key file at a path, made with a first version unless it is there. Without a passphrase of the operator's a random one is
 * made too and lies beside it: then the file mode protects both, and the encryption only a key file that gets away alone
 * (a backup, a copy).
 */
export function createKeyFile(path: string, unlock: Unlock = readConfig(unlockSettings)): KeyFile {
  const file = new KeyFile(path, unlock)
  if (file.exists) return file
  if (!unlock.passphrase && !unlock.passphraseFile) generatePassphrase(path)
  file.create()
  return file
}

/** The keys of a file, followed as it changes. Throws E_KEYS_MODE, E_KEYS_PASSPHRASE or E_KEYS_INVALID. */
export const openKeyring = (path: string, unlock?: Unlock): Keyring => Keyring.follow(new KeyFile(path, unlock))
