// Finds sections by BM25 (Robertson, Zaragoza 2009), as the library minisearch has it: no index on disk, no model. With a ranking by
// meaning besides, both are fused by reciprocal rank (Cormack, Clarke, Buettcher, SIGIR 2009): their scores cannot be compared.
import MiniSearch from 'minisearch'
import type { Passage } from './meaning.ts'
import type { Runbook } from './runbook.ts'

export interface Query {
  /** What people reported, and what was seen, in their words. */
  text: string
  services?: readonly string[]
  causes?: readonly string[]
}

/** A part of a section. */
export interface Excerpt {
  runbook: string
  title: string
  heading: string
  text: string
  /** Larger is better; compares within one search alone. */
  score: number
}

export interface Bounds {
  /** Sections at most. */
  most: number
  /** Characters of each. */
  chars: number
}

interface Entry {
  id: string
  runbook: string
  title: string
  heading: string
  services: string
  causes: string
  symptoms: string
  text: string
}

const fields = ['title', 'heading', 'services', 'causes', 'symptoms', 'text'] as const
/** What a runbook says that it is about counts more than what it mentions. */
const boost = { title: 2, services: 2, causes: 4, symptoms: 3 }
/** Longer queries say no more. */
const queryChars = 4000
const perRunbook = 2

/** Up to so many characters, cut between lines when one ends in the second half. */
export function excerpt(text: string, chars: number): string {
  if (text.length <= chars) return text
  const cut = text.slice(0, Math.max(0, chars - 2))
  const line = cut.lastIndexOf('\n')
  return `${(line > chars / 2 ? cut.slice(0, line) : cut).trimEnd()} …`
}

/** Of the paper: how little being first counts more than being second. */
const k = 60

/** Ids in any of the rankings, best first, with their scores. */
function fused(rankings: readonly (readonly string[])[]): Map<string, number> {
  const scores = new Map<string, number>()
  for (const ranking of rankings) for (const [i, id] of ranking.entries()) scores.set(id, (scores.get(id) ?? 0) + 1 / (k + i + 1))
  return new Map([...scores].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1)))
}

/** What is looked for, in one text. */
export const queryText = ({ text, services = [], causes = [] }: Query): string =>
  [text, ...services, ...causes].join(' ').slice(0, queryChars)

export class Library {
  readonly #entries: ReadonlyMap<string, Entry>
  readonly #index = new MiniSearch<Entry>({
    fields: [...fields],
    // ECONNREFUSED, connection_refused and process-exited are found by their parts too.
    tokenize: (text) => text.split(/[^\p{L}\p{N}]+/u).filter((word) => word.length > 1),
    searchOptions: { boost, combineWith: 'OR' }
  })

  constructor(runbooks: readonly Runbook[]) {
    const entries = runbooks.flatMap(({ id, title, services, causes, symptoms, sections }) =>
      sections.map(({ heading, text }, i) => ({
        id: `${id}#${i}`,
        runbook: id,
        title,
        heading,
        services: services.join(' '),
        causes: causes.join(' '),
        symptoms: symptoms.join(' '),
        text
      }))
    )
    this.#entries = new Map(entries.map((entry) => [entry.id, entry]))
    this.#index.addAll(entries)
  }

  /** Every section with what it is about, for who compares meanings. */
  passages(): Passage[] {
    return [...this.#entries.values()].map(({ id, title, heading, causes, symptoms, text }) => ({
      id,
      text: [title, heading, causes, symptoms, text].filter((part) => part !== '').join('\n')
    }))
  }

  /**
   * Best first; the same query finds the same. At most two sections of one runbook.
   * @param alike ids of sections by meaning, best first; none: words alone count
   */
  find(query: Query, { most, chars }: Bounds, alike: readonly string[] = []): Excerpt[] {
    const worded = this.#index.search(queryText(query)).sort((a, b) => b.score - a.score || (a.id < b.id ? -1 : 1))
    const byWords = new Map(worded.map(({ id, score }) => [id as string, score]))
    const found = alike.length > 0 ? fused([[...byWords.keys()], alike]) : byWords
    const taken = new Map<string, number>()
    const few = [...found].filter(([id]) => {
      const { runbook } = this.#entries.get(id)!
      taken.set(runbook, (taken.get(runbook) ?? 0) + 1)
      return taken.get(runbook)! <= perRunbook
    })
    return few.slice(0, most).map(([id, score]) => {
      const { runbook, title, heading, text } = this.#entries.get(id)!
      return { runbook, title, heading, text: excerpt(text, chars), score }
    })
  }
}
