// For a question that was not recorded: which of the recorded ones is most like it, and where they part.
import type { Asked } from './cassette-entry.ts'

/** Every value with its path, long texts line by line. */
function* linesOf(value: unknown, path: string): Generator<string> {
  if (typeof value === 'string') {
    for (const line of value.split('\n')) yield `${path}: ${line}`
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, item] of Object.entries(value)) yield* linesOf(item, path ? `${path}.${key}` : key)
  } else if (value !== undefined) yield `${path}: ${value}`
}

interface Difference {
  /** In one and not in the other, in their order. */
  recorded: string[]
  asked: string[]
}

function difference(recorded: Asked, asked: Asked): Difference {
  const [before, now] = [[...linesOf(recorded, '')], [...linesOf(asked, '')]]
  const [had, has] = [new Set(before), new Set(now)]
  return { recorded: before.filter((line) => !has.has(line)), asked: now.filter((line) => !had.has(line)) }
}

const size = ({ recorded, asked }: Difference): number => recorded.length + asked.length
const shown = (sign: string, lines: string[]): string[] => lines.slice(0, 3).map((line) => `${sign} ${line.slice(0, 200)}`)

/** A few lines for people: `-` was recorded, `+` was asked. */
export function nearestDifference(recorded: readonly Asked[], asked: Asked): string {
  const differences = recorded.map((each) => difference(each, asked)).sort((a, b) => size(a) - size(b))
  const [nearest] = differences
  if (!nearest) return 'nothing is recorded there'
  const rest = Math.max(0, nearest.recorded.length - 3) + Math.max(0, nearest.asked.length - 3)
  const more = rest > 0 ? [`… and ${rest} more lines`] : []
  return ['the nearest recorded question differs:', ...shown('-', nearest.recorded), ...shown('+', nearest.asked), ...more].join('\n')
}
