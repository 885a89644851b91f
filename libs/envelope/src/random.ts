import { Buffer } from 'node:buffer'
import { randomFillSync } from 'node:crypto'

/** Asking the system for a few bytes costs as much as asking for thousands. */
const pool = Buffer.allocUnsafeSlow(4096)
let used = pool.length

/** Random bytes, never given twice, as text. At most as many as the pool holds. */
export function random(bytes: number, encoding: 'hex' | 'base64url'): string {
  if (used + bytes > pool.length) {
    randomFillSync(pool)
    used = 0
  }
  used += bytes
  return pool.toString(encoding, used - bytes, used)
}
