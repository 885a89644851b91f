// The keys of one process: derived for each pair from the root of a version, and looked up again when their file changes.
import { Buffer } from 'node:buffer'
import { createSecretKey, hkdfSync, type KeyObject } from 'node:crypto'
import { TriageError } from '@triage/contracts'
import { currentOf, firstVersion, type KeyVersion, stateOf } from './versions.ts'

/** What a process tells of its keys: their names. */
export interface HeldKeys {
  signs_with: string
  accepts: string[]
}

/** Where versions come from; `stamp` tells whether they have changed. */
interface Source {
  readonly stamp: string
  read(): KeyVersion[]
}

/** Keys are looked up again at the first use after this long: a process that was paused signs with no key of the past. */
const lookMs = 1_000

/** Keys of (issuer, audience) pairs, derived with HKDF-SHA256 (RFC 5869) from the root of a version. */
export class Keyring {
  readonly #source: Source
  readonly #derived = new Map<string, Map<string, Map<string, KeyObject>>>()
  #versions: ReadonlyMap<string, KeyVersion> = new Map()
  #current = ''
  #stamp = ''
  #lookedAt = 0
  #trouble: TriageError | null = null

  private constructor(source: Source) {
    this.#source = source
  }

  /** Throws what reading throws. Later failures to read leave the keys as they are: see `trouble`. */
  static follow(source: Source): Keyring {
    const keys = new Keyring(source)
    keys.#read()
    return keys
  }

  /** Version that new messages are signed with. */
  get current(): string {
    this.#look()
    return this.#current
  }

  /** Why the file cannot be read any more, while that is so. */
  get trouble(): TriageError | null {
    return this.#trouble
  }

  get held(): HeldKeys {
    const signs_with = this.current
    const accepted = [...this.#versions.values()].filter((version) => stateOf(version, Date.now()) !== 'retired')
    return { signs_with, accepts: accepted.map(({ id }) => id) }
  }

  /** The pair's key of a version; null when there is none, or when it had retired by then. @param at ms since the epoch */
  key(issuer: string, audience: string, version: string, at: number): KeyObject | null {
    this.#look(this.#versions.has(version) ? lookMs : 0)
    const found = this.#versions.get(version)
    if (!found || (found.retires_at !== undefined && at >= found.retires_at)) return null
    const ofAudience = this.#derivedFor(version, audience)
    const known = ofAudience.get(issuer)
    if (known) return known
    const name = `triage/v1|${issuer}|${audience}|${version}`
    const derived = createSecretKey(Buffer.from(hkdfSync('sha256', found.root, Buffer.alloc(0), name, 32)))
    ofAudience.set(issuer, derived)
    return derived
  }

  /** Maps in maps: joining the names at each look-up would cost more than the look-up. */
  #derivedFor(version: string, audience: string): Map<string, KeyObject> {
    const ofVersion = this.#derived.get(version) ?? new Map<string, Map<string, KeyObject>>()
    if (ofVersion.size === 0) this.#derived.set(version, ofVersion)
    const ofAudience = ofVersion.get(audience) ?? new Map<string, KeyObject>()
    if (ofAudience.size === 0) ofVersion.set(audience, ofAudience)
    return ofAudience
  }

  #look(afterMs = lookMs): void {
    const now = performance.now()
    if (now - this.#lookedAt < afterMs) return
    this.#lookedAt = now
    try {
      if (this.#source.stamp !== this.#stamp) this.#read()
      this.#trouble = null
    } catch (error) {
      this.#trouble = TriageError.from(error, 'E_KEYS_INVALID')
    }
  }

  #read(): void {
    const { stamp } = this.#source
    const versions = this.#source.read()
    const current = currentOf(versions)
    if (!current) throw new TriageError('E_KEYS_INVALID', 'the key file has no current key')
    this.#versions = new Map(versions.map((version) => [version.id, version]))
    this.#current = current.id
    this.#stamp = stamp
    this.#derived.clear()
  }
}

/** A ring of one version, k1, that no file keeps. */
export const singleKey = (root: Buffer): Keyring => Keyring.follow({ stamp: '', read: () => [firstVersion(root, 0)] })
