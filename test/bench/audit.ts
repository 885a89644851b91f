import { Buffer } from 'node:buffer'
import { type Appended, appendEntry, genesis, verifyChain } from '@triage/audit-log'
import type { Bus } from '@triage/bus'
import { startNats } from '@triage/bus/testing'
import type { Bench, Outcome, RunOptions, Table } from './lib/bench.ts'
import { type Summary, timeInTurn } from './lib/durations.ts'
import { createStream } from './lib/jetstream.ts'
import { figure, ratio } from './lib/markdown.ts'

/** A log in memory that grows by one entry at a time. */
class Log {
  readonly entries: Uint8Array[] = []
  readonly #message = Buffer.from(JSON.stringify({ padding: 'x'.repeat(1010) }))
  #last: Appended = genesis

  /** The new entry's bytes. */
  append(): Uint8Array {
    const seq = this.#last.size + 1
    const about = { subject: 'incident.inc-20260101-1.observed', issuer: 'monitor', type: 'incident.observed.v1' }
    const source = { ...about, stream: 'INCIDENTS', seq, message_id: `bench:${seq}` } as const
    const { bytes, next } = appendEntry(this.#last, { at: '2026-01-01T00:00:00.000Z', source, message: this.#message, keepBody: true })
    this.entries.push(bytes)
    this.#last = next
    return bytes
  }
}

async function verify(entries: Iterable<Uint8Array> | AsyncIterable<Uint8Array>, expected: number): Promise<void> {
  const verdict = await verifyChain(entries)
  if (!verdict.ok || verdict.entries !== expected)
    throw new Error(`the log does not verify: ${verdict.entries} of ${expected} entries hold; ${verdict.firstBad?.reason}`)
}

/** Times of one entry, in memory. */
async function pure(rounds: number): Promise<Record<'append' | 'verify', Summary>> {
  const log = new Log()
  const { append } = await timeInTurn(rounds, { append: () => void log.append() })
  const chains = 10
  const chain = log.entries.slice(0, Math.ceil(rounds / chains))
  const { whole } = await timeInTurn(chains, { whole: () => verify(chain, chain.length) })
  const perEntry = (ms: number): number => ms / chain.length
  const { samples, mean, p50, p90, p99, max } = whole
  const each = { mean: perEntry(mean), p50: perEntry(p50), p90: perEntry(p90), p99: perEntry(p99), max: perEntry(max) }
  return { append, verify: { samples, ...each } }
}

async function* bodies(bus: Bus): AsyncGenerator<Uint8Array> {
  for await (const { body } of bus.history('AUDIT')) yield body
}

/** Entries kept by JetStream as the auditor does it, in turn with awaited publishes of the same bytes that promise nothing. */
async function kept(rounds: number): Promise<Record<'plain' | 'entry', Summary>> {
  await using server = await startNats()
  const bus = await server.connect('root')
  try {
    const jetstream = await createStream(bus.connection, 'PLAIN', 'plain')
    const log = new Log()
    const sample = new Log().append()
    const result = await timeInTurn(rounds, {
      plain: async () => void (await jetstream.publish('plain.entry', sample)),
      entry: async (round) => void (await bus.append('audit.log', log.append(), {}, { id: `bench:${round}`, lastSeq: round }))
    })
    await verify(bodies(bus), log.entries.length)
    return result
  } finally {
    await bus.close()
  }
}

async function run({ quick, log }: RunOptions): Promise<Outcome> {
  const rounds = quick ? 500 : 20_000
  const inMemory = await pure(rounds)
  log(`chained ${rounds} entries and verified them`)
  const appends = quick ? 100 : 3_000
  const { plain, entry } = await kept(appends)
  log(`kept ${appends} entries in JetStream, and read and verified them`)
  const row = (name: string, { mean, p50, p99 }: Summary): string[] => [name, figure(1000 / mean), figure(p50 * 1000), figure(p99 * 1000)]
  const tables: Table[] = [
    {
      title: `The hash chain in memory, entries of a 1 KiB message, ${figure(rounds)} entries`,
      columns: ['', 'entries per second', 'p50, µs', 'p99, µs'],
      rows: [row('append', inMemory.append), row('verify', inMemory.verify)]
    },
    {
      title: `The same through JetStream, one after the other, in turn, ${figure(appends)} times`,
      columns: ['', 'entries per second', 'p50, µs', 'p99, µs', 'p50 to plain'],
      rows: [
        [...row('awaited publish of the same bytes', plain), '1×'],
        [...row('entry: chained, message id, expected last sequence', entry), ratio(entry.p50, plain.p50)]
      ],
      note: 'What was kept is read back and verified at the end.'
    }
  ]
  return { tables, data: { message_bytes: 1024, took_ms: { ...inMemory, plain_publish: plain, kept_entry: entry } }, faults: [] }
}

export const audit: Bench = { description: 'how fast the audit log grows and is verified', run }
