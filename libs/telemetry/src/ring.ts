/** The last `capacity` items of a series, oldest first. */
export class Ring<T> {
  readonly #capacity: number
  readonly #items: T[] = []
  /** Where the next item goes once the ring is full: the oldest one stands there. */
  #next = 0

  constructor(capacity: number) {
    if (!Number.isInteger(capacity) || capacity < 1) throw new RangeError(`a ring holds at least one item, not ${capacity}`)
    this.#capacity = capacity
  }

  push(item: T): void {
    this.#items[this.#next] = item
    this.#next = (this.#next + 1) % this.#capacity
  }

  values(): T[] {
    return [...this.#items.slice(this.#next), ...this.#items.slice(0, this.#next)]
  }
}
