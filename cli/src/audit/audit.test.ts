// The commands on a log that the real auditor and the real witness have made, each a process of its own.
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { proofFile } from '@triage/audit-log'
import { until } from '@triage/bus/testing'
import { openNoteKey } from '@triage/keyring/note-key'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { dataPaths } from '../launcher/folders.ts'
import type { Session } from '../session.ts'
import { attest } from './attest.ts'
import { factsOfFile } from './facts-of-file.ts'
import { prover } from './proofs.ts'
import { runsOf } from './runs.ts'
import { makeStage, type Stage } from './test-stage.ts'
import { verifyFile } from './verify-file.ts'
import { verifyLive } from './verify-live.ts'
import { writeExport } from './write-export.ts'

const incident = 'inc-20260101-1'
const hash = 'a'.repeat(64)
const entries = 5

let stage: Stage
let data: string
let session: Session

async function say(): Promise<void> {
  const { swarm } = stage
  const [gateway, planner] = [await swarm.actor('gateway'), await swarm.actor('planner')]
  const report = { text: 'slow', truncated: false, sha256: hash, bytes: 4, intake_seq: 1, received_at: '2026-01-01T12:00:00.000Z' }
  await gateway.outbox.fact(incident, { type: 'incident.opened.v1', key: '1', payload: { report } })
  const run = { incident_id: incident, round: 0, planner: 'rulebook', started_at: '2026-01-01T12:00:00.000Z', took_ms: 3 }
  const texts = { input: 'the prompt', input_sha256: hash, output: 'the response', output_sha256: hash }
  await planner.outbox.record('record.planner-run.v1', `run:${incident}:0:1`, { ...run, ...texts })
  await swarm.root.append(`incident.${incident}.recovered`, Buffer.from('a forgery'), {}, { id: 'forged' })
  const scheduler = await swarm.actor('scheduler')
  const escalated = { reason: 'out_of_time', summary: 'A human must look.' } as const
  await scheduler.outbox.fact(incident, { type: 'incident.escalated.v1', key: 'end', payload: escalated })
}

beforeAll(async () => {
  stage = await makeStage()
  data = stage.data
  session = stage.session
  stage.start('auditor')
  stage.start('monitor')
  await say()
  await until('all on record', async () => (await session.bus.size('AUDIT')).lastSeq === entries, 30_000)
})
afterAll(() => stage[Symbol.asyncDispose]())

const keyFile = (): string => dataPaths(data).auditKeys

test('the live log verifies, and says what its streams say', async () => {
  expect(await verifyLive(session)).toMatchObject({ ok: true, entries, firstBad: null })
})

test('an export verifies with the keys and without; altered or cut it does not', async () => {
  const file = join(data, 'log.jsonl')
  expect(await writeExport(session, file)).toBe(entries)
  expect(verifyFile(file, keyFile(), data)[0]).toMatchObject({ ok: true, entries, keysGiven: true })
  expect(verifyFile(file, null, data)[0]).toMatchObject({ ok: true, entries, keysGiven: false })
  await expect(writeExport(session, file)).rejects.toMatchObject({ code: 'E_USAGE' })
  const text = await readFile(file, 'utf8')
  expect(text).not.toContain('a forgery')
  await writeFile(file, text.slice(0, text.indexOf('{"log":{"index":2') + 50))
  expect(() => verifyFile(file, null, data)).toThrow(
    expect.objectContaining({ code: 'E_AUDIT_ALTERED', message: expect.stringContaining('entry 2: its line is cut') })
  )
})

test('an export holds the facts as the log has them, without what was refused', async () => {
  const file = join(data, 'facts.jsonl')
  await writeExport(session, file)
  const facts = factsOfFile(file)
  expect(facts.map(({ type }) => type)).toEqual(['incident.opened.v1', 'incident.escalated.v1'])
  expect(facts).toEqual(await session.facts())
  await writeFile(file, (await readFile(file, 'utf8')).replace('"payload":"e', '"payload":"f'))
  expect(() => factsOfFile(file)).toThrow(expect.objectContaining({ code: 'E_AUDIT_ALTERED' }))
})

test('an entry is proven; another in its place is not', async () => {
  const { head, size, proofOf } = await prover(session.bus)
  expect(size).toBe(entries)
  const [one, two] = [(await session.bus.get('AUDIT', 2))!.body, (await session.bus.get('AUDIT', 3))!.body]
  const file = join(data, 'one.tlog-proof')
  await writeFile(file, proofFile(1, one, proofOf(1), head))
  expect(verifyFile(file, null, data)[0]).toMatchObject({ ok: true, index: 1, size: entries })
  for (const wrong of [
    proofFile(2, one, proofOf(1), head),
    proofFile(1, two, proofOf(1), head),
    proofFile(1, one, proofOf(2), head),
    'c2sp.org/tlog-proof@v1\n'
  ]) {
    await writeFile(file, wrong)
    expect(() => verifyFile(file, null, data)).toThrow(expect.objectContaining({ code: 'E_AUDIT_ALTERED' }))
  }
  expect(() => proofOf(entries)).toThrow(expect.objectContaining({ code: 'E_AUDIT_MISSING' }))
})

test('an incident is attested; with another word in it, or without the key, it is not', async () => {
  const file = join(data, 'incident.json')
  const text = await attest(session, incident, openNoteKey(dataPaths(data).attestationKey))
  await writeFile(file, text)
  expect(verifyFile(file, null, data)[0]).toMatchObject({ ok: true, incidentId: incident, outcome: 'escalated', entries: 3 })
  const { payload } = JSON.parse(text) as { payload: string }
  const statement = Buffer.from(payload, 'base64').toString()
  await writeFile(file, text.replace(payload, Buffer.from(statement.replace('escalated', 'recovered')).toString('base64')))
  expect(() => verifyFile(file, null, data)).toThrow(expect.objectContaining({ code: 'E_AUDIT_ALTERED' }))
})

test('a run of a planner is shown by its id, its incident or as the last', async () => {
  for (const id of [`run:${incident}:0:1`, incident, 'last'])
    expect(await runsOf(session.bus, id)).toMatchObject([
      { run: { input: 'the prompt', output: 'the response' }, hashes: { input: false } }
    ])
  await expect(runsOf(session.bus, 'nonsense')).rejects.toMatchObject({ code: 'E_AUDIT_MISSING' })
})

test('an entry of the live log that nobody has signed is named', async () => {
  for (const name of ['auditor', 'monitor'] as const) await stage.kill(name)
  await stage.swarm.root.append('audit.log', Buffer.from('{}'), {}, { id: 'forged' })
  expect((await verifyLive(session)).firstBad).toMatchObject({ index: entries })
})
