import type { KeyObject } from 'node:crypto'

/** Where the keys of (issuer, audience) pairs come from. */
export interface MessageKeys {
  /** Version that new messages are signed with. */
  readonly current: string
  /** The pair's key of that version; null when there is none, or when it had retired by then. @param at ms since the epoch */
  key(issuer: string, audience: string, version: string, at: number): KeyObject | null
}

/** What the header Triage-Key says: which key, whose, for whom. A hint until the MAC holds. */
export const keyIdOf = (version: string, issuer: string, audience: string): string => `${version}.${issuer}.${audience}`
