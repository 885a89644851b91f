/** Aborts its signal with an error, unless it is put off or disposed of in time. */
export class Fuse implements Disposable {
  readonly #controller = new AbortController()
  readonly #timer: NodeJS.Timeout
  readonly signal = this.#controller.signal

  constructor(ms: number, error: () => Error) {
    this.#timer = setTimeout(() => this.#controller.abort(error()), ms)
  }

  /** From the start again. */
  putOff(): void {
    this.#timer.refresh()
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer)
  }
}

/** The result of `work`, or the reason of `signal` as soon as it aborts, whether `work` heeds it or not. */
export function unlessAborted<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  const aborted = Promise.withResolvers<never>()
  const abort = () => aborted.reject(signal.reason)
  if (signal.aborted) abort()
  signal.addEventListener('abort', abort, { once: true })
  return Promise.race([work, aborted.promise]).finally(() => signal.removeEventListener('abort', abort))
}
