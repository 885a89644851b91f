import { TriageError } from '@triage/contracts'
import { createParser } from 'eventsource-parser'
import type { Bytes } from './bytes.ts'

/** The data of server-sent events; comments, with which servers keep a connection open, are none. @throws E_MODEL_TOO_LONG */
export async function* eventsOf(bytes: Bytes, maxEvent: number): AsyncGenerator<string> {
  const decoder = new TextDecoder()
  let events: string[] = []
  let tooLong = false
  const parser = createParser({
    maxBufferSize: maxEvent,
    onEvent: ({ data }) => events.push(data),
    onError: ({ type }) => {
      tooLong ||= type === 'max-buffer-size-exceeded'
    }
  })
  for await (const chunk of bytes) {
    parser.feed(decoder.decode(chunk, { stream: true }))
    if (tooLong) throw new TriageError('E_MODEL_TOO_LONG', `the server sent an event of more than ${maxEvent} characters`)
    yield* events
    events = []
  }
}
