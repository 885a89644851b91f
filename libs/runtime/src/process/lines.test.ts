import { Readable } from 'node:stream'
import { finished } from 'node:stream/promises'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { maxLineChars, readLines } from './lines.ts'

async function linesOf(chunks: Buffer[]): Promise<string[]> {
  const lines: string[] = []
  const stream = Readable.from(chunks, { objectMode: false })
  readLines(stream, (line) => lines.push(line))
  await finished(stream)
  return lines
}

test('lines are the same however the bytes are cut', async () => {
  const line = fc.string({ unit: 'grapheme' }).map((text) => text.replaceAll(/[\r\n]/g, ''))
  await fc.assert(
    fc.asyncProperty(
      fc.array(line, { minLength: 1 }),
      fc.constantFrom('\n', '\r\n'),
      fc.integer({ min: 1, max: 7 }),
      async (lines, end, size) => {
        const bytes = Buffer.from(lines.map((each) => each + end).join(''))
        const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
          bytes.subarray(index * size, (index + 1) * size)
        )
        expect(await linesOf(chunks)).toEqual(lines)
      }
    ),
    { numRuns: 50 }
  )
})

test('a line without an end is cut, and what is left at the end is a line', async () => {
  const lines = await linesOf([Buffer.alloc(maxLineChars * 2, 'x'), Buffer.from('yz'), Buffer.from('\nlast')])
  expect(lines.map((line) => line.length)).toEqual([maxLineChars, maxLineChars, 2, 4])
})
