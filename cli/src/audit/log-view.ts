import { Buffer } from 'node:buffer'
import { sizeOf } from '@triage/audit-log'
import { parseCheckpoint } from '@triage/audit-verify'
import type { Bus, Stored } from '@triage/bus'
import type { AuditCheckpoint } from '@triage/contracts'

export type LogLine = { kind: 'checkpoint' | 'entry'; bytes: Uint8Array } | { kind: 'cosigned'; note: string }

/** The log up to its newest tree head that the witness has signed. */
export interface LogView {
  /** The tree head, with the signatures of the log and its witness. */
  head: string
  /** Entries under it. */
  size: number
  /** How many lines there are to read. */
  lines: number
  /** Each checkpoint, the witness's signature if it has given one, and the entries that are new under it. */
  read(): AsyncGenerator<LogLine>
}

const textOf = ({ body }: Stored): string => Buffer.from(body).toString()
const isCheckpoint = ({ subject }: Stored): boolean => subject === 'audit.checkpoint'
export const checkpointIn = (stored: Stored): AuditCheckpoint => JSON.parse(textOf(stored)) as AuditCheckpoint
const sizeIn = (note: string): number => parseCheckpoint(note)?.size ?? 0

/** The newest tree head that the witness has signed: as the witness itself remembers it, else as the log has it. */
async function newestHead(bus: Bus): Promise<string> {
  const answer = await bus.request('control.monitor', new Uint8Array(), {}, 1_000).catch(() => null)
  if (answer) return Buffer.from(answer.body).toString()
  const newest = await bus.last('CHECKPOINTS', 'audit.cosignature')
  return newest ? textOf(newest) : ''
}

/** Waits up to `patienceMs` until what the log holds now is under a tree head. Null when nothing is signed. */
export async function viewLog(bus: Bus, patienceMs = 5_000): Promise<LogView | null> {
  const { lastSeq: wanted } = await bus.size('AUDIT')
  const deadline = performance.now() + patienceMs
  let head = await newestHead(bus)
  while (sizeIn(head) < wanted && performance.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, 100))
    head = await newestHead(bus)
  }
  const size = sizeIn(head)
  if (size === 0) return null
  const cosigned = new Map<number, string>()
  let checkpoints = 0
  for await (const stored of bus.history('CHECKPOINTS')) {
    if (isCheckpoint(stored)) checkpoints += sizeOf(checkpointIn(stored)) <= size ? 1 : 0
    else if (sizeIn(textOf(stored)) <= size) cosigned.set(sizeIn(textOf(stored)), textOf(stored))
  }
  return { head, size, lines: checkpoints + cosigned.size + size, read: () => lines(bus, size, cosigned) }
}

async function* lines(bus: Bus, size: number, cosigned: Map<number, string>): AsyncGenerator<LogLine> {
  const entries = bus.history('AUDIT')[Symbol.asyncIterator]()
  let read = 0
  for await (const stored of bus.history('CHECKPOINTS')) {
    if (!isCheckpoint(stored)) continue
    const covered = sizeOf(checkpointIn(stored))
    if (covered > size) return
    yield { kind: 'checkpoint', bytes: stored.body }
    const note = cosigned.get(covered)
    if (note) yield { kind: 'cosigned', note }
    for (; read < covered; read++) {
      const { value, done } = await entries.next()
      if (done) return
      yield { kind: 'entry', bytes: value.body }
    }
  }
}
