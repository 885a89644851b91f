// JSON for messages: what JSON.parse takes, less what two readers could understand differently or use to do harm:
// doubled keys, `__proto__`, `constructor` and `prototype` as keys, and nesting beyond a depth.
import { limits, TriageError } from '@triage/contracts'

const forbidden = new Set(['__proto__', 'constructor', 'prototype'])
const refuse = (why: string): never => {
  throw new TriageError('E_MESSAGE_JSON', why)
}

/** Where the string that starts at `start` ends: the index after its closing quote. */
function endOfString(text: string, start: number): number {
  let i = start + 1
  while (i < text.length && text.charCodeAt(i) !== 34) i += text.charCodeAt(i) === 92 ? 2 : 1
  return i + 1
}

const isKey = (text: string, after: number): boolean => {
  let i = after
  while (i < text.length && text.charCodeAt(i) <= 32) i++
  return text.charCodeAt(i) === 58
}

/** Walks over valid JSON and refuses what is forbidden. */
function inspect(text: string, depthLimit: number): void {
  const open: (Set<string> | null)[] = []
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i)
    if (c === 123 || c === 91) {
      if (open.push(c === 123 ? new Set() : null) > depthLimit) refuse(`nested deeper than ${depthLimit}`)
    } else if (c === 125 || c === 93) open.pop()
    else if (c === 34) {
      const end = endOfString(text, i)
      const keys = open.at(-1)
      if (keys && isKey(text, end)) {
        const key = JSON.parse(text.slice(i, end)) as string
        if (forbidden.has(key)) refuse(`the key ${key} is forbidden`)
        if (keys.has(key)) refuse(`the key ${key.slice(0, 64)} is doubled`)
        keys.add(key)
      }
      i = end - 1
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
