// JSON that stands in other text. Linear in the text's length.
import { endOfString, parseStrict } from '@triage/envelope'

export interface Found {
  value: unknown
  /** Where it stands in the text. */
  start: number
  end: number
  /** Commas before a closing bracket, which were taken out. */
  commas: number
}

export interface Search {
  found: Found[]
  /** Why the first piece that looks like JSON is none; null when there is no such piece. */
  trouble: string | null
}

interface Span {
  end: number
  commas: number[]
}

/** From an opening bracket to the one that closes it; null when the text ends before. */
function spanAt(text: string, start: number): Span | null {
  const commas: number[] = []
  let depth = 0
  // The last character that says something, and the comma behind a value, when that was the last.
  let last = ''
  let comma = -1
  for (let i = start; i < text.length; i++) {
    const c = text[i]!
    if (c <= ' ') continue
    if (c === '"') {
      i = endOfString(text, i)
      if (i < 0) return null
    } else if (c === '{' || c === '[') depth += 1
    else if (c === '}' || c === ']') {
      if (last === ',' && comma >= 0) commas.push(comma)
      depth -= 1
      if (depth === 0) return { end: i + 1, commas }
    } else if (c === ',') comma = '{[,'.includes(last) ? -1 : i
    last = c
  }
  return null
}

function without(text: string, start: number, { end, commas }: Span): string {
  const edges = [start - 1, ...commas, end]
  return edges
    .slice(1)
    .map((to, i) => text.slice(edges[i]! + 1, to))
    .join('')
}

/**
 * Every object and list of a text, the outermost alone. What is broken is passed over as a whole, never searched for pieces that
 * are whole: they may mean something else without the rest. What has doubled or forbidden keys is broken, see parseStrict.
 */
export function jsonIn(text: string): Search {
  const found: Found[] = []
  let trouble: string | null = null
  for (let start = text.search(/[[{]/); start >= 0 && start < text.length; start++) {
    if (text[start] !== '{' && text[start] !== '[') continue
    const span = spanAt(text, start)
    if (!span) return { found, trouble: trouble ?? 'it is cut off, and what is missing is not guessed' }
    try {
      found.push({ value: parseStrict(without(text, start, span)), start, end: span.end, commas: span.commas.length })
    } catch (error) {
      trouble ??= (error as Error).message
    }
    start = span.end - 1
  }
  return { found, trouble }
}
