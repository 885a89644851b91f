// Text from the world, as it may stand in a prompt.
//
// Invariants
// 1. One line of JSON: between its quotes nothing ends the quotation, starts a line or opens a section.
// 2. Nothing in it is a control token of a chat template (<|im_start|>, </s>, [INST], …): servers tokenise those in any text.
// 3. No secret that @triage/redact knows.
import { redact } from '@triage/redact'
import { estimateTokens } from './tokens.ts'

/** What a reader would not see, or could take for markup: angle brackets, controls, directions, spaces without width. */
const treacherous =
  /[<>\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]|[\u{e0000}-\u{e007f}]|\[(?=\/?[A-Z_]{3,}\])/gu

const escaped = (found: string): string =>
  [...Array(found.length).keys()].map((i) => `\\u${found.charCodeAt(i).toString(16).padStart(4, '0')}`).join('')

/** JSON of which every reader gets what JSON.parse gives, and no tokeniser anything else. */
export const plainJson = (value: unknown): string => JSON.stringify(value).replace(treacherous, escaped)

/** Of its characters, what a quotation may take of tokens. English takes half of it; text that was made to be expensive is cut short. */
const tokensPerChar = 0.75

/** @param most characters of the text; what is cut off is marked */
export function quote(text: string, most = 300): string {
  const clean = redact(text)
  const cut = (chars: number): string => plainJson(clean.length > chars ? `${clean.slice(0, Math.max(0, chars - 1))}…` : clean)
  let chars = most
  while (chars > 8 && estimateTokens(cut(chars)) > most * tokensPerChar) chars = Math.floor(chars * 0.75)
  return cut(chars)
}
