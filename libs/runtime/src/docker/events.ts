// What happens to the containers of a project, as the engine tells it, over broken connections.
import { addAbortSignal, type Readable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import { TriageError } from '@triage/contracts'
import type { Engine } from './engine.ts'
import { compose, type Labels } from './labels.ts'

export interface EngineEvent {
  action: string
  container: string
  labels: Labels & { exitCode?: string; signal?: string }
  at: string
}

const actions = ['start', 'die']
const firstWaitMs = 250
const maxWaitMs = 5000
/** The engine counts as gone when it has not answered for so long. */
const patienceMs = 60_000
const maxEventChars = 1024 ** 2

interface Message {
  status: string
  id: string
  Actor: { Attributes: EngineEvent['labels'] }
  timeNano: number
}

/**
 * Ends when `signal` aborts. A connection that breaks is made again and goes on after the last event that was seen; throws
 * E_RUNTIME_UNREACHABLE when that does not succeed for a minute, or when there is no connection to begin with.
 * @param begin called once there is a connection: nothing is missed from then on
 */
export async function* engineEvents(
  engine: Engine,
  project: string,
  signal: AbortSignal,
  begin: () => Promise<void>
): AsyncGenerator<EngineEvent> {
  let stream: Readable | null = await open(engine, project, undefined, signal)
  /** Nanoseconds: the engine tells the events of a whole second again. */
  let last = Date.now() * 1e6
  try {
    await begin()
    while (!signal.aborted) {
      for await (const message of messages(stream)) {
        if (message.timeNano <= last) continue
        last = message.timeNano
        yield eventOf(message)
      }
      if (!signal.aborted) stream = await reopen(engine, project, Math.floor(last / 1e9), signal)
    }
  } catch (error) {
    if (!signal.aborted) throw engine.errorOf(error)
  } finally {
    stream.destroy()
  }
}

async function reopen(engine: Engine, project: string, since: number, signal: AbortSignal): Promise<Readable> {
  const deadline = performance.now() + patienceMs
  for (let wait = firstWaitMs; ; wait = Math.min(wait * 2, maxWaitMs)) {
    await delay(wait, undefined, { signal })
    try {
      return await open(engine, project, since, signal)
    } catch (error) {
      const { code } = TriageError.from(error)
      if (code !== 'E_RUNTIME_UNREACHABLE' || performance.now() > deadline) throw error
    }
  }
}

async function open(engine: Engine, project: string, since: number | undefined, signal: AbortSignal): Promise<Readable> {
  const filters = { type: ['container' as const], event: actions, label: [`${compose.project}=${project}`] }
  const stream = await engine.ask(() => engine.streaming.getEvents({ filters, ...(since !== undefined && { since }) }))
  addAbortSignal(signal, stream as Readable)
  return stream as Readable
}

/** One JSON object a line. Ends when the connection does, in whichever way. */
async function* messages(stream: Readable): AsyncGenerator<Message> {
  let rest = ''
  try {
    for await (const chunk of stream.setEncoding('utf8') as AsyncIterable<string>) {
      const lines = (rest + chunk).split('\n')
      rest = lines.pop()!
      if (rest.length > maxEventChars) return
      for (const line of lines) if (line.trim()) yield JSON.parse(line) as Message
    }
  } catch (error) {
    if (error instanceof SyntaxError)
      throw new TriageError('E_RUNTIME_FAILED', `The engine sent an event that is not JSON: ${error.message}`)
  }
}

const eventOf = ({ status, id, Actor, timeNano }: Message): EngineEvent => ({
  action: status,
  container: id,
  labels: Actor.Attributes,
  at: new Date(Math.floor(timeNano / 1e6)).toISOString()
})
