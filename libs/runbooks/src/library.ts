// Finds sections by BM25 (Robertson, Zaragoza 2009), as the library minisearch has it: no index on disk, no model.
import MiniSearch from 'minisearch'
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

export class Library {
  readonly #index = new MiniSearch<Entry>({
    fields: [...fields],
    storeFields: [...fields, 'runbook'],
    // ECONNREFUSED, connection_refused and process-exited are found by their parts too.
    tokenize: (text) => text.split(/[^\p{L}\p{N}]+/u).filter((word) => word.length > 1),
    searchOptions: { boost, combineWith: 'OR' }
  })

  constructor(runbooks: readonly Runbook[]) {
    this.#index.addAll(
      runbooks.flatMap(({ id, title, services, causes, symptoms, sections }) =>
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
    )
  }

  /** Best first; the same query finds the same. At most two sections of one runbook. */
  find({ text, services = [], causes = [] }: Query, { most, chars }: Bounds): Excerpt[] {
    const query = [text, ...services, ...causes].join(' ').slice(0, queryChars)
    const found = this.#index.search(query).sort((a, b) => b.score - a.score || (a.id < b.id ? -1 : 1))
    const taken = new Map<string, number>()
    const few = found.filter(({ runbook }) => {
      taken.set(runbook, (taken.get(runbook) ?? 0) + 1)
      return taken.get(runbook)! <= perRunbook
    })
    return few.slice(0, most).map(({ runbook, title, heading, text, score }) => {
      return { runbook, title, heading, text: excerpt(text as string, chars), score }
    })
  }
}
