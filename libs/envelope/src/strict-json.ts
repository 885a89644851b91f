// JSON for messages: what JSON.parse takes, less what two readers could understand differently or use to do harm:
// doubled keys, `__proto__`, `constructor` and `prototype` as keys, and nesting beyond a depth.
import { limits, TriageError } from '@triage/contracts'

const forbidden = new Set(['__proto__', 'constructor', 'prototype'])
const refuse = (why: string): never => {
  throw new TriageError('E_MESSAGE_JSON', why)
}

/** Where the string of JSON that starts at `start` ends: the index of its closing quote; -1 when it does not end. */
export function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end >= 0; end = text.indexOf('"', end + 1)) {
    let before = end
    while (text.charCodeAt(before - 1) === 92) before--
    if ((end - before) % 2 === 0) return end
  }
  return -1
}

const isKey = (text: string, after: number): boolean => {
  let i = after
  while (text.charCodeAt(i) <= 32) i++
  return text.charCodeAt(i) === 58
}

/** The key between two quotes, as the parser reads it. */
function keyOf(text: string, start: number, end: number): string {
  const raw = text.slice(start + 1, end)
  return raw.includes('\\') ? (JSON.parse(`"${raw}"`) as string) : raw
}

/** Walks over valid JSON and refuses what is forbidden. */
function inspect(text: string, depthLimit: number): void {
  const open: (Set<string> | null)[] = []
  let keys: Set<string> | null = null
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i)
    if (c === 123 || c === 91) {
      keys = c === 123 ? new Set() : null
      if (open.push(keys) > depthLimit) refuse(`nested deeper than ${depthLimit}`)
    } else if (c === 125 || c === 93) {
      open.pop()
      keys = open.at(-1) ?? null
    } else if (c === 34) {
      const end = endOfString(text, i)
      if (keys && isKey(text, end + 1)) {
        const key = keyOf(text, i, end)
        if (forbidden.has(key)) refuse(`the key ${key} is forbidden`)
        if (keys.has(key)) refuse(`the key ${key.slice(0, 64)} is doubled`)
        keys.add(key)
      }
      i = end
    }
  }
}

/** Parses JSON strictly. Throws E_MESSAGE_JSON. */
export function parseStrict(text: string, depthLimit: number = limits.json_depth): unknown {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw new TriageError('E_MESSAGE_JSON', `not JSON: ${(error as Error).message}`, { cause: error })
  }
  inspect(text, depthLimit)
  return value
}
