import { Buffer } from 'node:buffer'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Running } from '@triage/actor'
import { type TestSwarm, testSwarm } from '@triage/actor/testing'
import { AuditLog, type NoteKey } from '@triage/audit-log'
import { isWitnessed, parseCheckpoint, trustedKeys } from '@triage/audit-verify'
import type { Bus } from '@triage/bus'
import { until } from '@triage/bus/testing'
import { noteKey, signatureTypes } from '@triage/keyring/note-key'
import { afterEach, expect, test } from 'vitest'
import { Witness } from './witness.ts'

const logKey = noteKey('log.test/1', signatureTypes.note, Buffer.alloc(32, 1))
const witnessKey = noteKey('witness.test/1', signatureTypes.cosignature, Buffer.alloc(32, 2))
const keys = trustedKeys(`${logKey.verifier}\n${witnessKey.verifier}`)

const folders: string[] = []
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true })
})
async function newFolder(): Promise<string> {
  folders.push(await mkdtemp(join(tmpdir(), 'triage-witness-')))
  return folders.at(-1)!
}

/** A writer of a log, with words of its own. */
class Writer {
  readonly #log = AuditLog.resume(null, [], logKey)
  readonly #bus: Bus
  readonly #word: string

  constructor(bus: Bus, word: string) {
    this.#bus = bus
    this.#word = word
  }

  async publish(entries: number, key: NoteKey = logKey): Promise<void> {
    for (let i = 0; i < entries; i++) {
      const about = { at: '2026-01-01T00:00:00.000Z', stream: 'INCIDENTS', subject: 'incident.inc-20260101-1.opened' } as const
      const entry = { ...about, seq: this.#log.size + 1, message: Buffer.from(this.#word), signed: null }
      this.#log.appended(this.#log.encode(entry), entry)
    }
    const checkpoint = this.#log.checkpoint(key)
    this.#log.checkpointed(checkpoint)
    await this.#bus.append('audit.checkpoint', Buffer.from(JSON.stringify(checkpoint)), {}, { id: `${this.#word}:${this.#log.size}` })
  }
}

interface Watching extends AsyncDisposable {
  running: Running
  bus: Bus
  /** Sizes of the checkpoints in the stream that the witness has signed. */
  signed(): Promise<number[]>
  /** What it answers when it is asked. */
  ask(): Promise<string>
}

async function watch(swarm: TestSwarm, folder: string): Promise<Watching> {
  const actor = await swarm.actor('monitor')
  const { bus } = actor
  const auditor = await swarm.actor('auditor')
  const running = await new Witness(actor, witnessKey, keys, folder).start()
  return {
    running,
    bus,
    signed: async () => {
      const sizes: number[] = []
      for await (const { subject, body } of bus.history('CHECKPOINTS')) {
        const checkpoint = subject === 'audit.cosignature' ? parseCheckpoint(Buffer.from(body).toString()) : null
        if (checkpoint && isWitnessed(checkpoint, keys)) sizes.push(checkpoint.size)
      }
      return sizes
    },
    ask: async () => Buffer.from((await auditor.bus.request('control.monitor', new Uint8Array(), {}, 1_000)).body).toString(),
    [Symbol.asyncDispose]: () => running.stop()
  }
}

test('each checkpoint that continues the one before is signed, over restarts, and is on the disk before', async () => {
  await using swarm = await testSwarm(['monitor'])
  const folder = await newFolder()
  const writer = new Writer((await swarm.actor('auditor')).bus, 'true')
  {
    await using witness = await watch(swarm, folder)
    expect(await witness.ask()).toBe('')
    for (const entries of [3, 1, 40]) await writer.publish(entries)
    await until('its signatures', async () => (await witness.signed()).length === 3)
    expect(parseCheckpoint(JSON.parse(await readFile(join(folder, 'witnessed.json'), 'utf8')).checkpoint)!.size).toBe(44)
    expect(parseCheckpoint(await witness.ask())!.size).toBe(44)
  }
  await writer.publish(2)
  await writer.publish(5)
  await using witness = await watch(swarm, folder)
  await until('the rest', async () => (await witness.signed()).at(-1) === 51)
  expect(await witness.signed()).toEqual([3, 4, 44, 46, 51])
  expect(witness.running.alarms!()).toEqual([])
})

test('a fork, a smaller log and a checkpoint under another key are refused, and nothing is signed after them', async () => {
  const otherKey = noteKey('log.test/2', signatureTypes.note, Buffer.alloc(32, 3))
  for (const [word, entries, key] of [
    ['fork', 9, logKey],
    ['smaller', 2, logKey],
    ['true', 9, otherKey]
  ] as const) {
    await using swarm = await testSwarm(['monitor'])
    await using witness = await watch(swarm, await newFolder())
    const writer = new Writer(swarm.root, 'true')
    await writer.publish(4)
    await until('its signature', async () => (await witness.signed()).length === 1)
    await new Writer(swarm.root, word).publish(entries, key)
    await until('the alarm', () => witness.running.alarms!().includes('E_AUDIT_ROLLBACK'))
    await writer.publish(3)
    expect(await witness.signed()).toEqual([4])
    expect(parseCheckpoint(await witness.ask())!.size).toBe(4)
  }
})

test('a log that was set back is noticed at the start', async () => {
  const folder = await newFolder()
  for (const life of [1, 2]) {
    await using swarm = await testSwarm(['monitor'])
    await using witness = await watch(swarm, folder)
    if (life === 1) await new Writer(swarm.root, 'true').publish(4)
    await until('what it has seen', async () => (await witness.ask()) !== '')
    expect(witness.running.alarms!()).toEqual(life === 1 ? [] : ['E_AUDIT_ROLLBACK'])
  }
})

test('a witness whose file is gone or cut says so, and goes on from its own signature', async () => {
  await using swarm = await testSwarm(['monitor'])
  const writer = new Writer((await swarm.actor('auditor')).bus, 'true')
  {
    await using witness = await watch(swarm, await newFolder())
    for (const entries of [4, 2]) await writer.publish(entries)
    await until('its signatures', async () => (await witness.signed()).length === 2)
  }
  const folder = await newFolder()
  await writeFile(join(folder, 'witnessed.json'), 'half of i')
  {
    await using witness = await watch(swarm, folder)
    expect(witness.running.alarms!()).toEqual(['E_AUDIT_WITNESS'])
  }
  await using witness = await watch(swarm, await newFolder())
  expect(witness.running.alarms!()).toEqual(['E_AUDIT_WITNESS'])
  expect(parseCheckpoint(await witness.ask())!.size).toBe(6)
  await writer.publish(1)
  await until('another signature', async () => (await witness.signed()).at(-1) === 7)
})
