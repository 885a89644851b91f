// A lease with a fencing token: at most one holder works, and what a former holder still says can be told by its token.
//
// Invariants
// 1. `fence()` is a token only while the lease was renewed less than its time to live, less a second, ago by this
//    process's monotonic clock: a holder that was paused stops by itself before anybody else can start.
// 2. A later holder's token is greater.
import type { LeaseStore } from './port.ts'

const safetyMs = 1_000

export class Lease {
  readonly #store: LeaseStore
  readonly #name: string
  readonly #holder: string
  readonly #changed: (fence: number | null) => void
  #fence: number | null = null
  #revision = 0
  #renewedAt = 0
  #timer: NodeJS.Timeout | undefined
  #told: number | null = null

  /** @param holder names this process; a holder of the same name is a former life of it and is taken over at once. */
  constructor(store: LeaseStore, name: string, holder: string, changed: (fence: number | null) => void) {
    this.#store = store
    this.#name = name
    this.#holder = holder
    this.#changed = changed
  }

  /** The token while the lease is held, else null. */
  fence(): number | null {
    return performance.now() - this.#renewedAt < this.#store.ttlMs - safetyMs ? this.#fence : null
  }

  async start(): Promise<void> {
    await this.#turn()
  }

  /** Gives the lease back. */
  async stop(): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    if (this.#fence !== null) await this.#store.remove(this.#name, this.#revision).catch(() => {})
    this.#fence = null
  }

  async #turn(): Promise<void> {
    const before = performance.now()
    try {
      await (this.fence() === null ? this.#acquire(before) : this.#renew(before))
    } catch {
      // The bus does not answer: the lease runs out by itself.
    }
    const fence = this.fence()
    if (fence !== this.#told) {
      this.#told = fence
      this.#changed(fence)
    }
    this.#timer = setTimeout(() => void this.#turn(), fence === null ? 500 : this.#store.ttlMs / 4)
  }

  async #acquire(before: number): Promise<void> {
    this.#fence = null
    const entry = await this.#store.read(this.#name)
    if (entry?.value && entry.value !== this.#holder) return
    const revision = await this.#store.write(this.#name, this.#holder, entry?.revision ?? 0)
    if (revision === null) return
    this.#fence = this.#revision = revision
    this.#renewedAt = before
  }

  async #renew(before: number): Promise<void> {
    const revision = await this.#store.write(this.#name, this.#holder, this.#revision)
    if (revision === null) this.#fence = null
    else this.#revision = revision
    this.#renewedAt = before
  }
}
