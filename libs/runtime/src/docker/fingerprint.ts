// Hashes of a configuration's values, by key: enough to tell that and where two configurations differ, and no more.
import { hash } from 'node:crypto'

/** SHA-256 of each value, by dotted path of its key. */
export type Fingerprint = Record<string, string>

/** So many differences are told. */
const maxPaths = 100
/** What a filtering proxy puts in the place of a value that the credential may not see. */
const redactedPrefix = 'redacted:sha256:'

export const redact = (value: string): string => redactedPrefix + hash('sha256', value)
export const isRedacted = (value: string): boolean => value.startsWith(redactedPrefix)

/** A redacted value has the digest of what it stands for. */
export const digestOf = (value: string): string => (isRedacted(value) ? value.slice(redactedPrefix.length) : hash('sha256', value))

/** One hash for all: the same for whoever sees the values and for whoever sees their digests. */
export const hashOf = (fingerprint: Fingerprint): string => hash('sha256', JSON.stringify(Object.entries(fingerprint).toSorted()))

/** Keys whose values differ, or that only one has. */
export function differences(a: Fingerprint, b: Fingerprint): string[] {
  const keys = new Set([...Object.keys(a), ...Object.keys(b)])
  return [...keys].filter((key) => a[key] !== b[key]).slice(0, maxPaths)
}
