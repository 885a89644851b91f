import { Buffer } from 'node:buffer'
import { join } from 'node:path'
import { until } from '@triage/bus/testing'
import { expect, test } from 'vitest'
import { dataPaths } from '../launcher/folders.ts'
import { makeStage, type Stage } from './test-stage.ts'
import { verifyFile } from './verify-file.ts'
import { verifyLive } from './verify-live.ts'
import { writeExport } from './write-export.ts'

/** Says so many things at once, spread over two streams; what is not signed is put on record as refused. */
async function say({ swarm }: Stage, from: number, count: number): Promise<void> {
  const said = Array.from({ length: count }, (_, i) => from + i).map((n) => {
    const subject = n % 3 === 0 ? 'audit.record.planner' : `incident.inc-20260101-${n}.opened`
    return swarm.root.append(subject, Buffer.from(`message ${n}`), {}, { id: `m${n}` })
  })
  await Promise.all(said)
}

test('kill -9 of the auditor and of the witness, at any moment and again and again, leaves a log that lacks nothing and verifies', async () => {
  await using stage = await makeStage()
  const { bus } = stage.session
  const each = 150
  let said = 0
  for (const [victim, afterMs] of [
    ['auditor', 700],
    ['monitor', 600],
    ['auditor', 1_200],
    ['monitor', 1_500],
    ['auditor', 400],
    ['auditor', 2_000]
  ] as const) {
    stage.start('auditor')
    stage.start('monitor')
    await say(stage, said, each)
    said += each
    await new Promise((resolve) => setTimeout(resolve, afterMs))
    await stage.kill(victim)
    await stage.kill(victim === 'auditor' ? 'monitor' : 'auditor')
  }
  stage.start('monitor')
  stage.start('auditor')
  const sources = ['INCIDENTS', 'RECORDS'] as const
  // What was refused is on record too, as such.
  const kept = async () => (await Promise.all(sources.map((stream) => bus.size(stream)))).reduce((sum, { lastSeq }) => sum + lastSeq, 0)
  await until('all on record', async () => (await bus.size('AUDIT')).lastSeq === (await kept()))
  const entries = await kept()
  expect(entries).toBeGreaterThan(said)
  expect(await verifyLive(stage.session)).toMatchObject({ ok: true, entries, firstBad: null })
  const file = join(stage.data, 'log.jsonl')
  expect(await writeExport(stage.session, file)).toBe(entries)
  expect(verifyFile(file, dataPaths(stage.data).auditKeys, stage.data)[0]).toMatchObject({ ok: true, entries })
})
