import { expect, test } from 'vitest'
import { type Frame, frames, rawLines } from './frames.ts'

function frame(stream: 1 | 2, text: string): Buffer {
  const header = Buffer.alloc(8)
  header[0] = stream
  header.writeUInt32BE(Buffer.byteLength(text), 4)
  return Buffer.concat([header, Buffer.from(text)])
}
async function* inPieces(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}
const textsOf = async (source: AsyncIterable<Frame>) => (await Array.fromAsync(source)).map(({ stream, data }) => [stream, data.toString()])

test('frames come out whole, however the bytes were cut', async () => {
  const bytes = Buffer.concat([frame(1, 'out\n'), frame(2, ''), frame(2, 'err ü\n'), frame(1, 'x'.repeat(40_000))])
  for (const size of [1, 7, 8, 1000, bytes.length]) {
    expect(await textsOf(frames(inPieces(bytes, size)))).toEqual([
      ['stdout', 'out\n'],
      ['stderr', ''],
      ['stderr', 'err ü\n'],
      ['stdout', 'x'.repeat(40_000)]
    ])
  }
})

test('what is no multiplexed stream is refused, not collected', async () => {
  await expect(textsOf(frames(inPieces(Buffer.from('2026-01-01T00:00:00Z plain text'), 10)))).rejects.toThrow(/not multiplexed/)
})

test('a raw stream is cut at line breaks and at 64 KiB', async () => {
  const lines = await textsOf(rawLines(inPieces(Buffer.from(`a\nbc\n${'x'.repeat(70_000)}\nend`), 100)))
  expect(lines.map(([, text]) => text!.length)).toEqual([2, 3, 65_536, 4465, 3])
})
