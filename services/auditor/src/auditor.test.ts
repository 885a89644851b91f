import { Buffer } from 'node:buffer'
import type { Actor, Running } from '@triage/actor'
import { type TestSwarm, testSwarm } from '@triage/actor/testing'
import { checkpointText, cosignNote, parseEntry, signNote, sizeOf } from '@triage/audit-log'
import { LogVerifier, trustedKeys } from '@triage/audit-verify'
import { until } from '@triage/bus/testing'
import type { AuditCheckpoint } from '@triage/contracts'
import { noteKey, signatureTypes } from '@triage/keyring/note-key'
import { expect, test } from 'vitest'
import { Auditor } from './auditor.ts'

const logKey = noteKey('log.test/1', signatureTypes.note, Buffer.alloc(32, 1))
const witnessKey = noteKey('witness.test/1', signatureTypes.cosignature, Buffer.alloc(32, 2))
const keys = trustedKeys(`${logKey.verifier}\n${witnessKey.verifier}`)

async function say(swarm: TestSwarm, from: number, to: number): Promise<void> {
  const gateway = await swarm.actor('gateway')
  const report = { text: 'slow', truncated: false, sha256: 'a'.repeat(64), bytes: 4, received_at: '2026-01-01T12:00:00.000Z' }
  for (let n = from; n <= to; n++)
    await gateway.outbox.fact(`inc-20260101-${n}`, {
      type: 'incident.opened.v1',
      key: String(n),
      payload: { report: { ...report, intake_seq: n } }
    })
}

interface Audited extends AsyncDisposable {
  actor: Actor
  running: Running
}

async function audit(swarm: TestSwarm): Promise<Audited> {
  const actor = await swarm.actor('auditor')
  const running = await new Auditor(actor, logKey, keys).start()
  return { actor, running, [Symbol.asyncDispose]: () => running.stop() }
}

/** A witness that says what it is told to say. */
async function witness(swarm: TestSwarm, seen: () => string): Promise<void> {
  const { bus } = await swarm.actor('monitor')
  bus.listen('control.monitor', (_, __, answer) => answer(Buffer.from(seen()), {}))
}

async function checkpoints({ bus }: Actor): Promise<AuditCheckpoint[]> {
  const found: AuditCheckpoint[] = []
  for await (const { body } of bus.history('CHECKPOINTS')) found.push(JSON.parse(Buffer.from(body).toString()))
  return found
}

const signedSize = async (actor: Actor): Promise<number> => {
  const newest = (await checkpoints(actor)).at(-1)
  return newest ? sizeOf(newest) : 0
}

/** Verifies checkpoints and entries as an export has them; throws with the reason when they do not hold. */
async function verified(actor: Actor): Promise<number> {
  const verifier = new LogVerifier(keys)
  const entries = actor.bus.history('AUDIT')
  for (const checkpoint of await checkpoints(actor)) {
    const wrong = verifier.checkpoint(Buffer.from(JSON.stringify(checkpoint)))
    if (wrong) throw new Error(wrong)
    while (verifier.position < sizeOf(checkpoint)) {
      const wrongEntry = verifier.entry((await entries[Symbol.asyncIterator]().next()).value!.body)
      if (wrongEntry) throw new Error(`entry ${verifier.position}: ${wrongEntry}`)
    }
  }
  return verifier.position
}

test('facts are put on record as the messages that they are, under checkpoints that verify, over restarts', async () => {
  await using swarm = await testSwarm(['auditor'])
  await witness(swarm, () => '')
  await say(swarm, 1, 5)
  {
    await using first = await audit(swarm)
    await until('a checkpoint', async () => (await signedSize(first.actor)) === 5)
    const fact = (await first.actor.bus.get('INCIDENTS', 3))!
    const entry = parseEntry((await first.actor.bus.get('AUDIT', 3))!.body)
    expect(Buffer.from(entry.payload, 'base64')).toEqual(Buffer.from(fact.body))
    expect(entry.signatures).toEqual([{ keyid: 'k1.gateway.swarm', sig: Buffer.from(fact.header('Triage-Mac'), 'hex').toString('base64') }])
    await swarm.root.append('incident.inc-20260101-1.opened', Buffer.from('nonsense'), {}, { id: 'x' })
    // It, and the record of its refusal.
    await until('the refused one', async () => (await first.actor.bus.size('AUDIT')).lastSeq === 7)
  }
  await say(swarm, 6, 9)
  await using second = await audit(swarm)
  await until('all of it', async () => (await signedSize(second.actor)) === 11)
  expect(await verified(second.actor)).toBe(11)
  const refused = parseEntry((await second.actor.bus.get('AUDIT', 6))!.body)
  expect(refused).toMatchObject({ payloadType: 'application/vnd.triage.refused.v1+json', signatures: [] })
  expect(second.running.alarms!()).toEqual([])
})

test('nothing is signed before the witness is heard; then as many checkpoints as it takes', async () => {
  await using swarm = await testSwarm(['auditor'])
  await say(swarm, 1, 300)
  await using auditor = await audit(swarm)
  await until('all on record', async () => (await auditor.actor.bus.size('AUDIT')).lastSeq === 300)
  expect(await checkpoints(auditor.actor)).toEqual([])
  await witness(swarm, () => '')
  await until('all signed', async () => (await signedSize(auditor.actor)) === 300)
  expect((await checkpoints(auditor.actor)).map(sizeOf)).toEqual([256, 300])
  expect(await verified(auditor.actor)).toBe(300)
})

test('a log that lacks what the witness has seen, or has something else, is signed no more', async () => {
  await using swarm = await testSwarm(['auditor'])
  let seen = ''
  await witness(swarm, () => seen)
  await say(swarm, 1, 3)
  {
    await using before = await audit(swarm)
    await until('a checkpoint', async () => (await signedSize(before.actor)) === 3)
    seen = cosignNote((await checkpoints(before.actor)).at(-1)!.checkpoint, witnessKey, 1_767_225_600)
  }
  {
    await using same = await audit(swarm)
    await say(swarm, 4, 4)
    await until('another checkpoint', async () => (await signedSize(same.actor)) === 4)
    expect(same.running.alarms!()).toEqual([])
  }
  const other = signNote(checkpointText(logKey.name, 3, Buffer.alloc(32, 9)), logKey)
  for (const note of [other, signNote(checkpointText(logKey.name, 400, Buffer.alloc(32, 9)), logKey)]) {
    seen = cosignNote(note, witnessKey, 1_767_225_600)
    await using after = await audit(swarm)
    await until('the alarm', () => after.running.alarms!().includes('E_AUDIT_ROLLBACK'))
    await say(swarm, 5, 6)
    expect(await signedSize(after.actor)).toBe(4)
  }
})

test('streams that were set back while the witness remembers are noticed at the start', async () => {
  await using swarm = await testSwarm(['auditor'])
  const note = cosignNote(signNote(checkpointText(logKey.name, 3, Buffer.alloc(32, 9)), logKey), witnessKey, 1_767_225_600)
  await witness(swarm, () => note)
  await say(swarm, 1, 2)
  await using auditor = await audit(swarm)
  await until('the alarm', () => auditor.running.alarms!().includes('E_AUDIT_ROLLBACK'))
  expect(await checkpoints(auditor.actor)).toEqual([])
})
