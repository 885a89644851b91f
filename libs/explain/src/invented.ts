// Whether a text says more than the facts. A simple check, which knows words and not meanings: it finds names, numbers and actions that
// are nowhere in the facts. What is said wrongly in words that are there, or in ordinary ones, it cannot find.
import { actions } from '@triage/contracts'

interface Known {
  /** All that is known, as text. */
  facts: string
  /** Every service that there is: one that the facts do not name has nothing to do with it. */
  services: readonly string[]
}

/** What the actions that change something are about, in a word: restart, stop, … */
const verbs = [
  ...new Set(
    Object.entries(actions)
      .filter(([, { risk }]) => risk !== 'read')
      .map(([type]) => type.split('.')[1]!.split('_')[0]!)
  )
]

/** Ordinary words that stand before `service` and its like and name nothing. */
const ordinary = new Set(
  `a an the this that its their your each every any other another affected failing failed broken unhealthy healthy dependent
   dependency deepest same whole one and or of to is was no which what stopped exited running database cache queue web main`.split(/\s+/)
)

/** Each part of a text that its pattern finds, once: the first group, else all of it. */
const found = (text: string, pattern: RegExp): string[] => [...new Set([...text.matchAll(pattern)].map(([all, part]) => part ?? all))]

const numbers = /\d+(?:\.\d+)?/g
/** What nobody writes but who names something: orders-db, service.start, /healthz, E_TIMEOUT. */
const identifiers = /[\p{L}\p{N}_]+(?:[._/@:-]+[\p{L}\p{N}_]+)+|\p{L}+_\p{L}+/gu
const quoted = /[`"“]([^`"”]{1,200})[`"”]/g
/** Before a word for a thing that has a name, or behind one. */
const namedThings = /(?<![\p{L}\p{N}])([\p{L}\p{N}]+) (?:service|container|database|cache|pod|host)(?!\p{L})/giu
/** Capitals within a sentence: products, people. */
const proper = /(?<=[\p{Ll}\p{N},;:] )\p{Lu}[\p{L}\p{N}]*/gu

/**
 * What is in the texts and not in the facts, in sentences.
 * @param next the text that says what to do: there, what the catalogue's actions do is named as little as their names
 */
export function inventedIn(texts: readonly string[], next: string, { facts, services }: Known): string[] {
  const all = [...texts, next].join('\n')
  const lower = facts.toLowerCase()
  const isKnown = (part: string): boolean => lower.includes(part.toLowerCase())
  const isWord = (text: string, word: string): boolean =>
    new RegExp(`(?<![\\p{L}\\p{N}_-])${RegExp.escape(word)}(?![\\p{L}\\p{N}_-])`, 'iu').test(text)
  const counted = new Set(found(facts, numbers))
  const names = [...found(all, identifiers), ...found(all, quoted), ...found(all, proper)].filter((name) => /\p{L}/u.test(name))
  const things = found(all, namedThings).filter((word) => !ordinary.has(word.toLowerCase()))
  const invented = [
    ...found(all, numbers)
      .filter((number) => !counted.has(number))
      .map((number) => `the number ${number}`),
    ...[...names, ...things].filter((name) => !isKnown(name)),
    ...services.filter((name) => isWord(all, name) && !isWord(facts, name)),
    ...verbs.filter((verb) => new RegExp(`(?<![\\p{L}._])${verb}\\p{L}{0,4}(?!\\p{L})`, 'iu').test(next) && !isKnown(verb))
  ]
  return [...new Set(invented)].map((one) => `it says ${one}, which the facts do not`)
}
