// The log of a workload: the logs of its containers, read as a stream into a ring, so that memory stays bounded.
import type { Readable } from 'node:stream'
import type { ContainerInspectInfo } from 'dockerode'
import { LogRing } from '../log-ring.ts'
import type { LogLine, LogQuery } from '../port.ts'
import { maxLineChars } from '../process/lines.ts'
import type { Engine } from './engine.ts'
import { type Frame, frames, rawLines } from './frames.ts'

/** The engine looks no further back than this, however much a container has printed. */
const maxLines = 5000
const steps = [250, 1000, maxLines]
const defaultMaxBytes = 1024 ** 2

/** Oldest first; lines of several containers by their time. */
export async function readLogs(engine: Engine, containers: readonly ContainerInspectInfo[], query: LogQuery): Promise<LogLine[]> {
  const bytes = query.max_bytes ?? defaultMaxBytes
  const rings = await Promise.all(containers.map((container) => readContainer(engine, container, { ...query, max_bytes: bytes })))
  if (rings.length === 1) return rings[0]!
  const merged = new LogRing({ lines: maxLines, bytes })
  for (const line of rings.flat().toSorted((a, b) => (a.at < b.at ? -1 : Number(a.at > b.at)))) merged.push(line)
  return merged.query(query)
}

/** A few lines first: long ones fill `max_bytes` soon, and what is not asked for need not be read. */
async function readContainer(engine: Engine, container: ContainerInspectInfo, query: LogQuery): Promise<LogLine[]> {
  const wanted = Math.min(query.tail ?? maxLines, maxLines)
  for (const tail of steps) {
    const { ring, messages, bytes } = await readTail(engine, container, { ...query, tail: Math.min(tail, wanted) })
    if (tail >= wanted || messages < tail || bytes > query.max_bytes!) return ring.query(query)
  }
  return []
}

interface Tail {
  ring: LogRing
  /** Of the engine, which cuts a line every 16 KiB. */
  messages: number
  bytes: number
}

async function readTail(engine: Engine, { Id, Config }: ContainerInspectInfo, query: LogQuery): Promise<Tail> {
  const stream = await openLogs(engine, Id, query)
  const tail: Tail = { ring: new LogRing({ lines: maxLines, bytes: query.max_bytes! + maxLineChars }), messages: 0, bytes: 0 }
  const counted = async function* (source: AsyncIterable<Frame>) {
    for await (const frame of source) {
      tail.messages++
      tail.bytes += frame.data.length
      yield frame
    }
  }
  try {
    for await (const line of lines(counted(Config.Tty ? rawLines(stream) : frames(stream)))) tail.ring.push(line)
  } catch (error) {
    throw engine.errorOf(error)
  } finally {
    stream.destroy()
  }
  return tail
}

/** dockerode itself would hold the whole log in memory. */
async function openLogs(engine: Engine, id: string, { since, tail }: LogQuery): Promise<Readable> {
  const options = {
    stdout: true,
    stderr: true,
    timestamps: true,
    tail,
    ...(since && { since: (since.getTime() / 1000).toFixed(3) })
  }
  const request = { path: `/containers/${id}/logs?`, method: 'GET', isStream: true, statusCodes: { 200: true }, options }
  return engine.ask(
    () =>
      new Promise<Readable>((resolve, reject) =>
        engine.quick.modem.dial(request, (error, answer) => (error ? reject(error) : resolve(answer as Readable)))
      )
  )
}

/** Each frame begins with its time; one without a line break at its end is continued by the next of its stream. */
async function* lines(source: AsyncIterable<Frame>): AsyncGenerator<LogLine> {
  const open: Partial<Record<Frame['stream'], LogLine>> = {}
  for await (const { stream, data } of source) {
    const { at, text } = split(data.toString('utf8'))
    const begun = open[stream]
    const line = { at: begun?.at ?? at, line: (begun?.line ?? '') + text.replace(/\r?\n$/, '') }
    open[stream] = undefined
    if (text.endsWith('\n') || line.line.length >= maxLineChars) yield { ...line, line: line.line.slice(0, maxLineChars) }
    else open[stream] = line
  }
  for (const line of Object.values(open)) if (line) yield line
}

/** `2026-01-02T03:04:05.123456789Z text`: the port counts in milliseconds. */
function split(message: string): { at: string; text: string } {
  const space = message.indexOf(' ')
  const at = Date.parse(message.slice(0, space))
  return Number.isNaN(at)
    ? { at: new Date().toISOString(), text: message }
    : { at: new Date(at).toISOString(), text: message.slice(space + 1) }
}
