// The sliding replay window of RFC 6479, one for each (issuer, audience, epoch).
//
// Invariants
// 1. A number is accepted once. Seen again from the same place in a stream it is a redelivery; from anywhere else a replay.
// 2. A number older than the window is refused, seen or not.
// 3. The guard is only told of messages whose MAC held, so that nobody else can move a window.
import { limits } from '@triage/contracts'

export type Verdict = 'new' | 'redelivered' | 'replayed'

/** Position of a message that no stream holds. */
const noStream = -1

class Window {
  top = 0
  /** Position in the stream of each number in the window, 0 where it was not seen. */
  readonly seen = new Float64Array(limits.replay_window)

  take(seq: number, position: number): Verdict {
    const size = this.seen.length
    if (seq > this.top) {
      for (let n = Math.max(this.top + 1, seq - size + 1); n < seq; n++) this.seen[n % size] = 0
      this.top = seq
      this.seen[seq % size] = position
      return 'new'
    }
    if (seq <= this.top - size) return 'replayed'
    const before = this.seen[seq % size]!
    if (before === 0) {
      this.seen[seq % size] = position
      return 'new'
    }
    return before === position && position !== noStream ? 'redelivered' : 'replayed'
  }
}

export class ReplayGuard {
  readonly #windows = new Map<string, Window>()
  readonly #capacity: number

  /** @param capacity how many (issuer, audience, epoch) are remembered; the one unused for longest is forgotten. */
  constructor(capacity = 256) {
    this.#capacity = capacity
  }

  /** @param position sequence number in the stream that holds the message, if one does. */
  take(issuer: string, audience: string, epoch: number, seq: number, position: number = noStream): Verdict {
    const name = `${issuer} ${audience} ${epoch}`
    const window = this.#windows.get(name) ?? new Window()
    this.#windows.delete(name)
    this.#windows.set(name, window)
    if (this.#windows.size > this.#capacity) this.#windows.delete(this.#windows.keys().next().value!)
    return window.take(seq, position)
  }
}
