// The versions of the root key and how they change: next → current → previous → retired. Pure.
//
// Invariants
// 1. At any time one version signs. The one before it is accepted until `retires_at`, and so is the one that is to come.
// 2. A version's state follows from its times alone: nobody has to be there at the moment when a key retires.
// 3. A version that retired is kept: what a stream took in before that moment is still read, nothing that came after.
import type { Buffer } from 'node:buffer'
import { limits, TriageError } from '@triage/contracts'

/** Times in milliseconds since the epoch. */
export interface KeyVersion {
  /** k1, k2, … */
  id: string
  /** 32 bytes. */
  root: Buffer
  created_at: number
  /** Absent: it is distributed, and nobody signs with it yet. */
  signs_from?: number
  /** Absent: it has no successor. */
  retires_at?: number
}

type KeyState = 'next' | 'current' | 'previous' | 'retired'

export function stateOf({ signs_from, retires_at }: KeyVersion, at: number): KeyState {
  if (retires_at !== undefined) return at < retires_at ? 'previous' : 'retired'
  return signs_from === undefined ? 'next' : 'current'
}

export const currentOf = (versions: readonly KeyVersion[]): KeyVersion | undefined =>
  versions.find(({ signs_from, retires_at }) => signs_from !== undefined && retires_at === undefined)

export const nextOf = (versions: readonly KeyVersion[]): KeyVersion | undefined =>
  versions.find(({ signs_from }) => signs_from === undefined)

/** The first version of all. */
export const firstVersion = (root: Buffer, now: number): KeyVersion => ({ id: 'k1', root, created_at: now, signs_from: now })

const seconds = (ms: number): string => `${Math.ceil(ms / 1000)} s`

/**
 * With a version more, that nobody signs with yet; one that is there already is what an earlier rotation left behind, and is
 * taken. Throws E_KEYS_TOO_SOON while the version before the current one is accepted: two rotations in a row would retire it early.
 */
export function withNext(versions: readonly KeyVersion[], root: Buffer, now: number): KeyVersion[] {
  const previous = versions.find((version) => stateOf(version, now) === 'previous')
  if (previous)
    throw new TriageError(
      'E_KEYS_TOO_SOON',
      `${previous.id} is accepted for another ${seconds(previous.retires_at! - now)}; rotate after that`
    )
  if (nextOf(versions)) return [...versions]
  return [...versions, { id: `k${versions.length + 1}`, root, created_at: now }]
}

/** The next version signs from now on; the one that did is accepted for as long as a message of it may be on its way. */
export function switched(versions: readonly KeyVersion[], now: number): KeyVersion[] {
  const [current, next] = [currentOf(versions), nextOf(versions)]
  if (!next) return [...versions]
  return versions.map((version) => {
    if (version === next) return { ...version, signs_from: now }
    return version === current ? { ...version, retires_at: now + limits.key_overlap_ms } : version
  })
}

/**
 * A previous version retires now. Throws E_KEYS_TOO_SOON while messages of it may be on their way, unless `leaked`: then they
 * are dropped; E_USAGE when the version cannot retire.
 */
export function retire(versions: readonly KeyVersion[], id: string, now: number, leaked = false): KeyVersion[] {
  const version = versions.find((candidate) => candidate.id === id)
  const state = version && stateOf(version, now)
  if (state !== 'previous')
    throw new TriageError('E_USAGE', `${id} is ${state ? `the ${state} key` : 'no key of this file'}; only a previous key can retire`)
  if (!leaked)
    throw new TriageError(
      'E_KEYS_TOO_SOON',
      `${id} retires by itself in ${seconds(version!.retires_at! - now)}; messages signed with it are on their way`
    )
  return versions.map((candidate) => (candidate === version ? { ...candidate, retires_at: now } : candidate))
}
