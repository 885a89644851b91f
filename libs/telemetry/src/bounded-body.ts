import type { IncomingMessage } from 'node:http'

/** The body of an answer. Throws RangeError once it is longer than `maxBytes`, and reads no further: whoever answers is not trusted with our memory. */
export async function boundedBody(answer: IncomingMessage, maxBytes: number): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > maxBytes) throw new RangeError(`an answer of more than ${maxBytes} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}
