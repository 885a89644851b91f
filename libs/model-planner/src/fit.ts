// Lines of several sections into one budget.
import { estimateTokens } from './tokens.ts'

export interface Section {
  name: string
  heading: string
  /** Best first: what does not fit is left out from the end. */
  lines: readonly string[]
  /** Of the budget, from 0 to 1: what it gets before others may take what is left. */
  share: number
}

export interface Fitted {
  section: Section
  lines: readonly string[]
}

/** A line and its end. */
const cost = (line: string): number => estimateTokens(line) + 1

/** Each section takes lines up to its share; then each, in their order, takes what is left. A section without lines has no heading. */
export function fit(sections: readonly Section[], budget: number): Fitted[] {
  const kept = sections.map((section) => ({ section, count: 0, spent: 0 }))
  let left = budget
  const take = (one: (typeof kept)[number], most: number): void => {
    const { lines, heading } = one.section
    for (let line = lines[one.count]; line !== undefined; line = lines[one.count]) {
      const price = cost(line) + (one.count === 0 ? cost(heading) : 0)
      if (price > left || one.spent + price > most) return
      left -= price
      one.spent += price
      one.count += 1
    }
  }
  for (const one of kept) take(one, one.section.share * budget)
  for (const one of kept) take(one, Number.POSITIVE_INFINITY)
  return kept.map(({ section, count }) => ({ section, lines: section.lines.slice(0, count) }))
}
