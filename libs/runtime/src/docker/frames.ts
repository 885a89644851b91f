// Takes apart what the engine sends of a container's output.
import { maxLineChars } from '../process/lines.ts'

export interface Frame {
  stream: 'stdout' | 'stderr'
  data: Buffer
}

const headerBytes = 8
/** The engine cuts messages at 16 KiB. A frame beyond this is no frame. */
const maxFrameBytes = 4 * 1024 ** 2

/** A multiplexed stream: frames of a header (stream, 0, 0, 0, length as 32 bits, big-endian) and that many bytes. */
export async function* frames(stream: AsyncIterable<Buffer>): AsyncGenerator<Frame> {
  let rest: Buffer = Buffer.alloc(0)
  for await (const chunk of stream) {
    rest = rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk
    let at = 0
    while (rest.length - at >= headerBytes) {
      const length = rest.readUInt32BE(at + 4)
      if (length > maxFrameBytes) throw new Error(`a frame of ${length} bytes: this stream is not multiplexed`)
      const end = at + headerBytes + length
      if (rest.length < end) break
      yield { stream: rest[at] === 2 ? 'stderr' : 'stdout', data: rest.subarray(at + headerBytes, end) }
      at = end
    }
    rest = rest.subarray(at)
  }
}

/** The raw stream of a container with a terminal, line by line, each with its line break. */
export async function* rawLines(stream: AsyncIterable<Buffer>): AsyncGenerator<Frame> {
  let rest: Buffer = Buffer.alloc(0)
  for await (const chunk of stream) {
    rest = rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk
    for (let end = rest.indexOf(10); end >= 0 || rest.length > maxLineChars; end = rest.indexOf(10)) {
      const cut = end >= 0 ? end + 1 : maxLineChars
      yield { stream: 'stdout', data: rest.subarray(0, cut) }
      rest = rest.subarray(cut)
    }
  }
  if (rest.length > 0) yield { stream: 'stdout', data: rest }
}
