// A log file that does not grow for ever.
import { closeSync, fstatSync, mkdirSync, openSync, renameSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'

const maxBytes = 10 * 1024 ** 2

/**
 * Appends lines to `path`. At 10 MB the file becomes `<path>.1`, in the place of the one before. Writes are synchronous:
 * lines are few, and what a program said last before a crash is what one wants to read. A full disk loses lines, no more.
 */
export class LogFile {
  readonly #path: string
  readonly #maxBytes: number
  /** Null once closed: a pipe may still bring lines then. */
  #fd: number | null
  #bytes: number

  constructor(path: string, max_bytes = maxBytes) {
    mkdirSync(dirname(path), { recursive: true })
    this.#path = path
    this.#maxBytes = max_bytes
    this.#fd = openSync(path, 'a', 0o600)
    this.#bytes = fstatSync(this.#fd).size
  }

  append(line: string): void {
    try {
      if (this.#bytes >= this.#maxBytes) this.#rotate()
      if (this.#fd !== null) this.#bytes += writeSync(this.#fd, `${line}\n`)
    } catch {
      // The line is lost; whoever it comes from must not stop for it.
    }
  }

  close(): void {
    if (this.#fd !== null) closeSync(this.#fd)
    this.#fd = null
  }

  #rotate(): void {
    if (this.#fd === null) return
    this.close()
    renameSync(this.#path, `${this.#path}.1`)
    this.#fd = openSync(this.#path, 'a', 0o600)
    this.#bytes = 0
  }
}
