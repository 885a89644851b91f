// The Prometheus text exposition format, version 0.0.4: one sample a line, comments with #.

export interface Sample {
  name: string
  labels: Record<string, string>
  value: number
}

const sampleLine = /^([a-zA-Z_:][\w:]*)(?:\s*\{(.*)\}\s*|\s+)(\S+)(?:\s+-?\d+)?$/
const labelPair = /\s*([a-zA-Z_]\w*)\s*=\s*"((?:[^"\\]|\\.)*)"\s*(?:,|$)/y
const escapes: Record<string, string> = { '\\n': '\n', '\\"': '"', '\\\\': '\\' }

function parseLabels(text: string): Record<string, string> | null {
  // No prototype: a label may be called anything.
  const labels: Record<string, string> = Object.create(null)
  labelPair.lastIndex = 0
  while (labelPair.lastIndex < text.trimEnd().length) {
    const pair = labelPair.exec(text)
    if (!pair) return null
    labels[pair[1]!] = pair[2]!.replace(/\\[n"\\]/g, (escaped) => escapes[escaped]!)
  }
  return labels
}

/** Numbers as Go writes them. Null when it is none. */
function parseValue(text: string): number | null {
  if (/^[+-]?inf(?:inity)?$/i.test(text)) return text.startsWith('-') ? -Infinity : Infinity
  if (/^nan$/i.test(text)) return NaN
  return /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(text) ? Number(text) : null
}

function parseSample(line: string): Sample | null {
  const parts = sampleLine.exec(line)
  const labels = parts && parseLabels(parts[2] ?? '')
  const value = parts && parseValue(parts[3]!)
  return labels === null || value === null ? null : { name: parts![1]!, labels, value }
}

/**
 * Every sample of a scrape; HELP and TYPE lines and other comments are passed over, and so are time-stamps.
 * @throws SyntaxError when a line does not fit the format: half a scrape would read as series that went away
 */
export function parseExposition(text: string): Sample[] {
  const lines = text.split('\n').map((line) => line.trim())
  return lines
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const sample = parseSample(line)
      if (!sample) throw new SyntaxError(`not a line of the Prometheus text format: ${line.slice(0, 100)}`)
      return sample
    })
}
