import type { Hypothesis } from '@triage/contracts'
import { openEmbedder } from '@triage/model'
import { redact } from '@triage/redact'
import { type Excerpt, type Library, Meaning, queryText } from '@triage/runbooks'
import type { Desk } from './desk.ts'

/** Hypotheses of the rulebook, best first, that runbooks are looked up for; and how much of them is taken. */
const looked = 3
const bounds = { most: 4, chars: 600 }
/** Runbooks are a help: nothing waits longer for their meaning. */
const meaningMs = 2_000

/** Finds the runbooks that a model is shown: by their words and, with an embedding model, by their meaning. */
export class Shelf {
  readonly #library: Library
  readonly #meaning: Meaning | null
  readonly #log: Desk['log']

  /** @param embedder provider/model; empty: words alone count. @throws E_CONFIG */
  constructor(library: Library, embedder: string, log: Desk['log']) {
    this.#library = library
    this.#log = log
    const model = embedder === '' ? null : openEmbedder(embedder)
    this.#meaning = model && new Meaning(library.passages(), (texts, timeoutMs) => model.embed(texts.map(redact), timeoutMs))
    this.#meaning?.learn().catch((error) => this.#wordsAlone(error))
  }

  /**
   * Never throws: when meaning fails or is late, words alone count.
   * @param ranked what the rulebook believes, best first
   */
  async find(text: string, ranked: readonly Hypothesis[], withinMs: number): Promise<Excerpt[]> {
    const leading = ranked.slice(0, looked)
    const services = leading.flatMap(({ service }) => (service ? [service] : []))
    const query = { text, causes: leading.map(({ cause }) => cause), services }
    const alike = this.#meaning
      ? await this.#meaning.rank(queryText(query), Math.min(meaningMs, withinMs)).catch((error) => this.#wordsAlone(error))
      : []
    return this.#library.find(query, bounds, alike)
  }

  #wordsAlone(error: unknown): string[] {
    this.#log.warn({ err: error }, 'runbooks are found by their words alone')
    return []
  }
}
