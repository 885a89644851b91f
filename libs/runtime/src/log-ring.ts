// The newest log lines of a workload, in memory.
import type { LogLine, LogQuery } from './port.ts'

interface LogRingBounds {
  lines: number
  /** UTF-8. */
  bytes: number
}

const defaultBounds: LogRingBounds = { lines: 5000, bytes: 4 * 1024 ** 2 }
const defaultMaxBytes = 1024 ** 2

const size = ({ line }: LogLine) => Buffer.byteLength(line)

/** Keeps at most so many lines and bytes; the oldest go first. */
export class LogRing {
  readonly #bounds: LogRingBounds
  /** By number, oldest first, without gaps. */
  readonly #lines = new Map<number, LogLine>()
  #next = 0
  #bytes = 0

  constructor(bounds = defaultBounds) {
    this.#bounds = bounds
  }

  push(line: LogLine): void {
    this.#lines.set(this.#next++, line)
    this.#bytes += size(line)
    while (this.#lines.size > this.#bounds.lines || this.#bytes > this.#bounds.bytes) this.#dropOldest()
  }

  /** Oldest first. */
  query({ since, tail = this.#lines.size, max_bytes = defaultMaxBytes }: LogQuery): LogLine[] {
    const from = since?.toISOString() ?? ''
    const found: LogLine[] = []
    let bytes = 0
    for (let number = this.#next - 1; found.length < tail; number--) {
      const line = this.#lines.get(number)
      if (!line || line.at < from) break
      bytes += size(line)
      if (bytes > max_bytes) break
      found.push(line)
    }
    return found.reverse()
  }

  #dropOldest(): void {
    const oldest = this.#next - this.#lines.size
    this.#bytes -= size(this.#lines.get(oldest)!)
    this.#lines.delete(oldest)
  }
}
