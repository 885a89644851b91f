import { Transform, type TransformCallback } from 'node:stream'

/** Bytes on their way; what gives more has to wait. */
const maxBytes = 1024 ** 2

/** Hands on each chunk, and the end, after a while of its own; never one before another. Many are on their way at once. */
export class DelayLine extends Transform {
  readonly #delayMs: () => number
  /** What is to be done as each chunk comes due, and at the end; oldest first. */
  readonly #queue: (() => void)[] = []
  #bytes = 0
  /** When the last one is due, as `performance.now()`. */
  #last = 0
  /** Lets the next chunk in. */
  #admit: TransformCallback | undefined

  constructor(delayMs: () => number) {
    super()
    this.#delayMs = delayMs
  }

  override _transform(chunk: Buffer, _: BufferEncoding, done: TransformCallback): void {
    this.#bytes += chunk.length
    this.#admit = done
    this.#later(() => {
      this.#bytes -= chunk.length
      this.push(chunk)
      this.#makeRoom()
    })
    this.#makeRoom()
  }

  override _flush(done: TransformCallback): void {
    this.#later(() => done())
  }

  override _read(size: number): void {
    super._read(size)
    this.#makeRoom()
  }

  #later(act: () => void): void {
    const now = performance.now()
    this.#last = Math.max(this.#last, now + this.#delayMs())
    this.#queue.push(act)
    // Timers that are due together fire in any order: each does what is oldest.
    setTimeout(() => !this.destroyed && this.#queue.shift()!(), Math.ceil(this.#last - now))
  }

  #makeRoom(): void {
    if (this.#bytes + this.readableLength >= maxBytes) return
    const admit = this.#admit
    this.#admit = undefined
    admit?.()
  }
}
