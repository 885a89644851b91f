// Which keys of two JSON texts differ. Values are never told: they may be secrets.
import { isDeepStrictEqual } from 'node:util'

type Json = Record<string, unknown>

/** So many differences are told. */
const maxPaths = 100

/** Dotted paths of the keys that differ, arrays as a whole; ['.'] when the texts differ and one is not a JSON object. */
export function diffPaths(left: string, right: string): string[] {
  if (left === right) return []
  const [a, b] = [parse(left), parse(right)]
  return a && b ? [...differences(a, b, '')].slice(0, maxPaths) : ['.']
}

function* differences(a: Json, b: Json, prefix: string): Generator<string> {
  for (const key of new Set([...Object.keys(a), ...Object.keys(b)])) {
    const [left, right] = [a[key], b[key]]
    if (isObject(left) && isObject(right)) yield* differences(left, right, `${prefix}${key}.`)
    else if (!isDeepStrictEqual(left, right)) yield prefix + key
  }
}

function parse(text: string): Json | null {
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) ? value : null
  } catch {
    return null
  }
}

const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value)
