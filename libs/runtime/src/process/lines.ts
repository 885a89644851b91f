// Splits a stream of bytes into lines, none longer than a bound.
import type { Readable } from 'node:stream'

/** A line is cut into pieces of at most this many characters: a program may write for ever without a line break. */
export const maxLineChars = 64 * 1024

/** Calls `onLine` with each line, without its line break, and with what is left over at the end. */
export function readLines(stream: Readable, onLine: (line: string) => void): void {
  let rest = ''
  stream.setEncoding('utf8')
  stream.on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n')
    rest = lines.pop()!
    for (const line of lines) for (const piece of pieces(line.endsWith('\r') ? line.slice(0, -1) : line)) onLine(piece)
    while (rest.length > maxLineChars) {
      onLine(rest.slice(0, maxLineChars))
      rest = rest.slice(maxLineChars)
    }
  })
  stream.on('end', () => rest && onLine(rest))
  stream.on('error', () => {}) // the other end is gone; its exit is reported elsewhere
}

function* pieces(line: string): Generator<string> {
  if (line.length <= maxLineChars) yield line
  else for (let at = 0; at < line.length; at += maxLineChars) yield line.slice(at, at + maxLineChars)
}
