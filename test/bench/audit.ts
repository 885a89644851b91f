import { Buffer } from 'node:buffer'
import { createWriteStream } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import {
  AuditLog,
  CompactRange,
  checkpointText,
  cosignNote,
  inclusionProof,
  leafHash,
  proofFile,
  signNote,
  subtreesOf
} from '@triage/audit-log'
import { rootOfInclusion, trustedKeys, verifyExport, verifyProofFile } from '@triage/audit-verify'
import { startNats } from '@triage/bus/testing'
import { type AuditCheckpoint, limits } from '@triage/contracts'
import { noteKey, signatureTypes } from '@triage/keyring/note-key'
import type { Bench, Outcome, RunOptions, Table } from './lib/bench.ts'
import { type Summary, timeInTurn } from './lib/durations.ts'
import { createStream } from './lib/jetstream.ts'
import { figure, ratio } from './lib/markdown.ts'

const logKey = noteKey('audit.bench/1', signatureTypes.note, Buffer.alloc(32, 1))
const witnessKey = noteKey('witness.bench/1', signatureTypes.cosignature, Buffer.alloc(32, 2))
const keys = trustedKeys(`${logKey.verifier}\n${witnessKey.verifier}`)
const message = Buffer.from(JSON.stringify({ padding: 'x'.repeat(1010) }))
const signed = { keyId: 'k1.monitor.swarm', mac: 'ab'.repeat(32), contentType: 'application/vnd.triage.message.v1+json' }

/** A log in memory that grows as the auditor's does. */
class Log {
  readonly #log = AuditLog.resume(null, [], logKey)

  /** The new entry's bytes. */
  append(): Buffer {
    const about = { at: '2026-01-01T00:00:00.000Z', stream: 'INCIDENTS', subject: 'incident.inc-20260101-1.observed' } as const
    const entry = { ...about, seq: this.#log.size + 1, message, signed }
    const bytes = this.#log.encode(entry)
    this.#log.appended(bytes, entry)
    return bytes
  }

  /** Signs once there is enough to sign, or when asked to. */
  checkpoint(least: number = limits.checkpoint_entries): AuditCheckpoint | null {
    if (this.#log.pending < least) return null
    const checkpoint = this.#log.checkpoint(logKey)
    this.#log.checkpointed(checkpoint)
    return checkpoint
  }
}

const cosign = (note: string): string => cosignNote(note, witnessKey, 1_767_225_600)

/** Lines of an export of that many entries with that many under each checkpoint. */
function* exportOf(entries: number, each: number): Generator<string> {
  const makeBatches = function* (): Generator<{ note: string; lines: string[] }> {
    const log = new Log()
    for (let made = 0; made < entries; made += each) {
      const batch = Array.from({ length: Math.min(each, entries - made) }, () => log.append().toString())
      const checkpoint = log.checkpoint(1)!
      const cosigned = cosign(checkpoint.checkpoint)
      yield { note: cosigned, lines: [JSON.stringify(checkpoint), JSON.stringify({ cosigned }), ...batch] }
    }
  }
  let [head, lines] = ['', 0]
  for (const batch of makeBatches()) [head, lines] = [batch.note, lines + batch.lines.length]
  yield `${JSON.stringify({ triage_audit: 1, keys: [logKey.verifier, witnessKey.verifier], head, lines })}\n`
  for (const batch of makeBatches()) yield `${batch.lines.join('\n')}\n`
}

/** Entries per second of the verification of an export on disk, the best of three: the first also reads from the disk. */
async function offline(entries: number, each: number): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'triage-bench-'))
  try {
    const file = join(folder, 'log.jsonl')
    await pipeline(exportOf(entries, each), createWriteStream(file))
    const times = Array.from({ length: 3 }, () => {
      const began = performance.now()
      const verdict = verifyExport(file, keys)
      if (!verdict.ok || verdict.entries !== entries) throw new Error(`the log does not verify: ${verdict.firstBad?.reason}`)
      return performance.now() - began
    })
    return (1000 * entries) / Math.min(...times)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Entries kept by JetStream as the auditor does it, in turn with awaited publishes of the same bytes that promise nothing. */
async function kept(rounds: number): Promise<Record<'plain' | 'entry', Summary>> {
  await using server = await startNats()
  const bus = await server.connect('root')
  try {
    const jetstream = await createStream(bus.connection, 'PLAIN', 'plain')
    const log = new Log()
    const sample = new Log().append()
    let position = 0
    return await timeInTurn(rounds, {
      plain: async () => void (await jetstream.publish('plain.entry', sample)),
      entry: async (round) => {
        await bus.append('audit.log', log.append(), {}, { id: `bench:${round}`, lastSeq: round })
        const checkpoint = log.checkpoint()
        if (!checkpoint) return
        const body = Buffer.from(JSON.stringify(checkpoint))
        position = (await bus.append('audit.checkpoint', body, {}, { id: `checkpoint:${round}`, lastSubjectSeq: position })).seq
      }
    })
  } finally {
    await bus.close()
  }
}

interface ProofFigures {
  hashes: number
  proof_bytes: number
  file_bytes: number
  took_ms: Record<'inclusion' | 'file', Summary>
}

/** A proof that one entry is among that many. */
async function proof(entries: number, rounds: number): Promise<ProofFigures> {
  const entry = new Log().append()
  const index = Math.floor(entries / 3)
  const leaves = Array.from({ length: entries }, (_, i) => leafHash(i === index ? entry : Buffer.from(String(i))))
  const hashOf = subtreesOf(new CompactRange(), leaves)
  const root = hashOf(0, entries)
  const nodes = inclusionProof(index, entries, hashOf)
  const checkpoint = cosign(signNote(checkpointText(logKey.name, entries, root), logKey))
  const text = proofFile(index, entry, nodes, checkpoint)
  const leaf = leafHash(entry)
  const took_ms = await timeInTurn(rounds, {
    inclusion: () => {
      if (!rootOfInclusion(index, entries, leaf, nodes)?.equals(root)) throw new Error('the proof does not hold')
    },
    file: () => {
      if (typeof verifyProofFile(text, keys) === 'string') throw new Error('the proof file does not hold')
    }
  })
  const lines = text.split('\n').slice(2, 3 + nodes.length)
  return { hashes: nodes.length, proof_bytes: lines.join('\n').length + 1, file_bytes: Buffer.byteLength(text), took_ms }
}

async function run({ quick, log }: RunOptions): Promise<Outcome> {
  const inMemory = new Log()
  const { append } = await timeInTurn(quick ? 500 : 20_000, {
    append: () => {
      inMemory.append()
      inMemory.checkpoint()
    }
  })
  const entries = quick ? 2_000 : 50_000
  const dense = await offline(entries, limits.checkpoint_entries)
  const sparse = await offline(entries, 16)
  log(`verified an export of ${entries} entries`)
  const appends = quick ? 300 : 5_000
  const { plain, entry } = await kept(appends)
  log(`kept ${appends} entries in JetStream`)
  const leaves = quick ? 10_000 : 1_000_000
  const proven = await proof(leaves, quick ? 50 : 2_000)
  log(`proved one of ${leaves} entries`)
  const perSecond = ({ mean }: Summary): string => figure(1000 / mean)
  const micro = (ms: number): string => figure(ms * 1000)
  const tables: Table[] = [
    {
      title: `Entries of a 1 KiB message (${figure(new Log().append().length)} bytes), ${figure(entries)} of them`,
      columns: ['', 'entries per second'],
      rows: [
        ['append in memory, with a checkpoint every 256', perSecond(append)],
        ['offline verification of an export, 256 entries to a checkpoint', figure(dense)],
        ['the same, 16 entries to a checkpoint', figure(sparse)]
      ],
      note: 'Verification checks each entry, and each checkpoint with its two signatures and its consistency proof.'
    },
    {
      title: `Through JetStream, one after the other, in turn, ${figure(appends)} times`,
      columns: ['', 'per second', 'p50, µs', 'p99, µs', 'throughput to plain'],
      rows: [
        ['awaited publish of the same bytes', perSecond(plain), micro(plain.p50), micro(plain.p99), '1×'],
        [
          'entry: encoded, hashed, numbered, checkpoints included',
          perSecond(entry),
          micro(entry.p50),
          micro(entry.p99),
          ratio(plain.mean, entry.mean)
        ]
      ]
    },
    {
      title: `Proof that an entry is one of ${figure(leaves)}`,
      columns: ['', 'bytes', 'check p50, µs', 'check p99, µs'],
      rows: [
        [
          `inclusion proof as text, ${proven.hashes} hashes`,
          figure(proven.proof_bytes),
          micro(proven.took_ms.inclusion.p50),
          micro(proven.took_ms.inclusion.p99)
        ],
        [
          'proof file with the entry and the checkpoint, both signatures checked',
          figure(proven.file_bytes),
          micro(proven.took_ms.file.p50),
          micro(proven.took_ms.file.p99)
        ]
      ]
    }
  ]
  const data = {
    message_bytes: message.length,
    verified_per_s: { dense, sparse },
    append_to_plain: plain.mean / entry.mean,
    proof: proven,
    took_ms: { append, plain_publish: plain, kept_entry: entry }
  }
  return { tables, data, faults: [] }
}

export const audit: Bench = { description: 'how fast the audit log grows, is verified and proves an entry', run }
