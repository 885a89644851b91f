// Bounds on what a server sends, before anything is made of it.
import { TriageError } from '@triage/contracts'

export type Bytes = AsyncIterable<Uint8Array>

const tooLong = (max: number): never => {
  throw new TriageError('E_MODEL_TOO_LONG', `the server sent more than ${max} bytes at once`)
}

/** The same bytes. @throws E_MODEL_TOO_LONG when there are more than `max` */
export async function* atMost(bytes: Bytes, max: number): AsyncGenerator<Uint8Array> {
  let seen = 0
  for await (const chunk of bytes) {
    seen += chunk.length
    if (seen > max) tooLong(max)
    yield chunk
  }
}

/** All of it as text. @throws E_MODEL_TOO_LONG when it is longer than `max` bytes */
export async function textOf(bytes: Bytes, max: number): Promise<string> {
  return Buffer.concat(await Array.fromAsync(atMost(bytes, max))).toString()
}

/** The same lines, whole ones at a time. @throws E_MODEL_TOO_LONG, E_MODEL_ANSWER when one is not */
export async function* jsonLines(bytes: Bytes, maxLine: number): AsyncGenerator<Uint8Array> {
  let rest: Uint8Array = Buffer.alloc(0)
  for await (const chunk of bytes) {
    const all = Buffer.concat([rest, chunk])
    const end = all.lastIndexOf('\n') + 1
    checkLines(all.toString('utf8', 0, end))
    if (end > 0) yield all.subarray(0, end)
    rest = all.subarray(end)
    if (rest.length > maxLine) tooLong(maxLine)
  }
  checkLines(rest.toString())
  yield rest
}

function checkLines(text: string): void {
  for (const line of text.split('\n')) if (line !== '') parseJson(line)
}

/** @throws E_MODEL_ANSWER */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new TriageError('E_MODEL_ANSWER', 'the server sent what is not JSON')
  }
}
