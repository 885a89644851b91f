/** Lets in so many at a time; the others wait, in the order in which they came. */
export class Slots {
  #free: number
  readonly #waiting: (() => void)[] = []

  constructor(most: number) {
    this.#free = most
  }

  /** To be disposed of; null when none became free within so many milliseconds, or before `signal` aborts. */
  async take(withinMs: number, signal: AbortSignal): Promise<Disposable | null> {
    if (this.#free > 0) this.#free -= 1
    else if (!(await this.#turn(withinMs, signal))) return null
    return { [Symbol.dispose]: () => this.#pass() }
  }

  async #turn(withinMs: number, signal: AbortSignal): Promise<boolean> {
    if (signal.aborted || withinMs <= 0) return false
    const { promise, resolve } = Promise.withResolvers<boolean>()
    const enter = (): void => resolve(true)
    const leave = (): void => {
      const place = this.#waiting.indexOf(enter)
      if (place >= 0) this.#waiting.splice(place, 1)
      resolve(false)
    }
    this.#waiting.push(enter)
    const timer = setTimeout(leave, withinMs)
    signal.addEventListener('abort', leave)
    const entered = await promise
    clearTimeout(timer)
    signal.removeEventListener('abort', leave)
    return entered
  }

  #pass(): void {
    const enter = this.#waiting.shift()
    if (enter) enter()
    else this.#free += 1
  }
}
