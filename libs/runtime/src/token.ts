// Who may do what: three bearer tokens, each of which may do what the one before may, and more.
import { hash, randomBytes, timingSafeEqual } from 'node:crypto'
import { type Credential, credentials } from './op-log.ts'

export type Tokens = Record<Credential, string>

export function randomTokens(): Tokens {
  const token = () => randomBytes(32).toString('base64url')
  return { reader: token(), writer: token(), injector: token() }
}

/** The credential that a header `Authorization: Bearer …` holds, or null. How long it takes says nothing about the tokens. */
export function credentialOf(header: string | undefined, tokens: Tokens): Credential | null {
  const given = digest(header?.startsWith('Bearer ') ? header.slice('Bearer '.length) : '')
  return credentials.filter((name) => timingSafeEqual(given, digest(tokens[name])))[0] ?? null
}

/** Whether a credential may do what needs `needed`. */
export const mayAct = (credential: Credential, needed: Credential) => credentials.indexOf(credential) >= credentials.indexOf(needed)

const digest = (text: string) => hash('sha256', text, 'buffer')
