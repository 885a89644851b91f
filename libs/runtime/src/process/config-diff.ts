// Which keys of two JSON texts differ. Values are never told: they may be secrets.
import { isDeepStrictEqual } from 'node:util'
import { isObject, type Json, objectIn } from '../json.ts'

/** So many differences are told. */
const maxPaths = 100

/** Dotted paths of the keys that differ, arrays as a whole; ['.'] when the texts differ and one is not a JSON object. */
export function diffPaths(left: string, right: string): string[] {
  if (left === right) return []
  const [a, b] = [objectIn(left), objectIn(right)]
  return a && b ? [...differences(a, b, '')].slice(0, maxPaths) : ['.']
}

function* differences(a: Json, b: Json, prefix: string): Generator<string> {
  for (const key of new Set([...Object.keys(a), ...Object.keys(b)])) {
    const [left, right] = [a[key], b[key]]
    if (isObject(left) && isObject(right)) yield* differences(left, right, `${prefix}${key}.`)
    else if (!isDeepStrictEqual(left, right)) yield prefix + key
  }
}
