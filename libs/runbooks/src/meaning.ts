// Finds sections by what they mean: an embedding model makes vectors of texts, those that point the same way are alike. The vectors are
// kept in memory, by the hash of what was embedded.
import { hash } from 'node:crypto'

/** A part of a runbook, as the library has it. */
export interface Passage {
  id: string
  text: string
}

/** A vector for each text, all of one length. */
export type Embed = (texts: readonly string[], timeoutMs: number) => Promise<number[][]>

/** Passages that are embedded together, once, while nobody waits; and how long that may take. */
const together = 8
const togetherMs = 60_000

/** The cosine of the angle between two vectors; 0 when one of them points nowhere. */
export function cosine(a: readonly number[], b: readonly number[]): number {
  let [dot, aa, bb] = [0, 0, 0]
  for (const [i, x] of a.entries()) {
    const y = b[i] ?? 0
    dot += x * y
    aa += x * x
    bb += y * y
  }
  return aa === 0 || bb === 0 ? 0 : dot / Math.sqrt(aa * bb)
}

export class Meaning {
  readonly #embed: Embed
  readonly #passages: readonly Passage[]
  readonly #vectors = new Map<string, number[]>()
  #learning: Promise<void> | null = null

  constructor(passages: readonly Passage[], embed: Embed) {
    this.#passages = passages
    this.#embed = embed
  }

  /** Resolves when every passage has its vector. What failed is tried again by the next call. */
  learn(): Promise<void> {
    this.#learning ??= this.#learn().finally(() => {
      this.#learning = null
    })
    return this.#learning
  }

  /**
   * Ids of all passages, the most alike first.
   * @throws what embedding throws; an error when the passages have no vectors within the time
   */
  async rank(text: string, timeoutMs: number): Promise<string[]> {
    const deadline = performance.now() + timeoutMs
    await within(this.learn(), timeoutMs)
    const [wanted] = await this.#embed([text], Math.max(1, Math.round(deadline - performance.now())))
    const ranked = this.#passages.map((passage) => ({ id: passage.id, like: cosine(wanted!, this.#vectors.get(keyOf(passage))!) }))
    return ranked.sort((a, b) => b.like - a.like || (a.id < b.id ? -1 : 1)).map(({ id }) => id)
  }

  async #learn(): Promise<void> {
    const missing = this.#passages.filter((passage) => !this.#vectors.has(keyOf(passage)))
    for (let i = 0; i < missing.length; i += together) {
      const some = missing.slice(i, i + together)
      const vectors = await this.#embed(
        some.map(({ text }) => text),
        togetherMs
      )
      // What is known stays known when the next ones fail.
      for (const [at, passage] of some.entries()) this.#vectors.set(keyOf(passage), vectors[at]!)
    }
  }
}

const keyOf = ({ text }: Passage): string => hash('sha256', text)

async function within(work: Promise<void>, ms: number): Promise<void> {
  const { promise, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(new Error(`the runbooks had no vectors within ${ms} ms`)), ms)
  await Promise.race([work, promise]).finally(() => clearTimeout(timer))
}
