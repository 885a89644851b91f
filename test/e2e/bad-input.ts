// What must not work, tried on a running swarm: each gets its code, and nothing else is lost.
import { Buffer } from 'node:buffer'
import { isRefused, messageOf, parseEntry } from '@triage/audit-log'
import { connectNats } from '@triage/bus'
import { seedPath } from '@triage/bus/server'
import { Sealer } from '@triage/envelope'
import { expect, test } from 'vitest'
import { bench } from './shared.ts'

/** What became of a report: a code, or how the incident stands. */
async function receiptOf(bytes: Uint8Array): Promise<string> {
  const { session } = bench
  const { lastSeq } = await session.bus.size('INCIDENTS')
  const seq = await session.report(bytes)
  const fact = await session.until(
    (candidate) =>
      (candidate.type === 'incident.report-rejected.v1' && candidate.payload.intake_seq === seq) ||
      ((candidate.type === 'incident.opened.v1' || candidate.type === 'incident.report-merged.v1') &&
        candidate.payload.report.intake_seq === seq),
    { from: lastSeq + 1, timeoutMs: 10_000 }
  )
  return fact!.type === 'incident.report-rejected.v1' ? fact!.payload.error.code : fact!.type
}

test('bad reports are rejected with their codes, good ones in between are taken; none stays in the intake as it came', async () => {
  const text = (value: string): Uint8Array => Buffer.from(value)
  const received: [string, string][] = []
  const before = (await bench.session.bus.size('INTAKE')).lastSeq
  for (const [name, bytes] of [
    ['empty', text('')],
    ['good', text('is the shop ok?')],
    ['binary', Buffer.from([0, 1, 2, 3])],
    ['not UTF-8', Buffer.from([0xff, 0xfe, 0x41])],
    ['too long', Buffer.alloc(300 * 1024, 97)],
    ['almost JSON', text('{"text": "x", "urgency": 3}')],
    ['broken JSON', text('{"text": ')],
    ['the same again', text('is the shop ok?')]
  ] as const) {
    received.push([name, await receiptOf(bytes)])
  }
  expect(received).toEqual([
    ['empty', 'E_REPORT_EMPTY'],
    ['good', 'incident.opened.v1'],
    ['binary', 'E_REPORT_BINARY'],
    ['not UTF-8', 'E_REPORT_NOT_UTF8'],
    ['too long', 'E_REPORT_TOO_LONG'],
    ['almost JSON', 'E_REPORT_SCHEMA'],
    ['broken JSON', 'E_REPORT_SCHEMA'],
    ['the same again', 'incident.report-merged.v1']
  ])
  await expect.poll(() => bench.session.bus.size('INTAKE')).toEqual({ messages: 0, lastSeq: before + 8 })
})

test("who stole the scheduler's nkey may publish; what it forges, alters, sends late or elsewhere changes nothing and is on record", async () => {
  const { session } = bench
  const { nats_url: url, nkeys } = session.swarm
  const thief = await connectNats({ url, user: 'scheduler', nkey: seedPath(nkeys, 'scheduler') })
  const id = 'inc-20260101-999'
  const subject = `incident.${id}.plan-accepted`
  const payload = { plan_id: 'plan-0123456789abcdef', plan_version: 1 }
  const sealer = new Sealer('scheduler', 999_999, session.keys)
  const message = { id: 'x', type: 'incident.plan-accepted.v1' as const, audience: 'swarm', subject, payload, incident_id: id }
  const good = sealer.seal(message)
  const altered = Buffer.from(good.body)
  altered[altered.length - 3]! ^= 1
  const expired = new Sealer('scheduler', 999_998, session.keys, () => Date.now() - 3_600_000).seal(message)
  const forged: [Uint8Array, Record<string, string>, string][] = [
    [Buffer.from('hello'), {}, subject],
    [altered, good.headers, subject],
    [expired.body, expired.headers, subject],
    [good.body, good.headers, `incident.inc-20260101-998.plan-accepted`],
    [good.body, good.headers, 'task.action-agent']
  ]
  const before = (await session.stories()).size
  for (const [i, [body, headers, on]] of forged.entries()) await thief.append(on, body, headers, { id: `forged-${i}` })
  await thief.close()
  const { lastSeq } = await session.bus.size('INCIDENTS')
  await expect.poll(async () => auditCursor(), { timeout: 10_000 }).toBeGreaterThanOrEqual(lastSeq)
  expect((await session.stories()).size).toBe(before)
  const refused: string[] = []
  for await (const { body } of session.bus.history('AUDIT')) {
    const entry = parseEntry(body)
    if (isRefused(entry)) refused.push(Object.keys(JSON.parse(messageOf(entry).toString())).join())
  }
  // Their hashes, never their content.
  expect(refused).toEqual(Array(4).fill('sha256,bytes'))
  await expect.poll(async () => (await session.bus.last('RECORDS', 'audit.record.action-agent')) !== null, { timeout: 10_000 }).toBe(true)
  const record = JSON.parse(Buffer.from((await session.bus.last('RECORDS', 'audit.record.action-agent'))!.body).toString()) as {
    payload: { code: string }
  }
  expect(record.payload.code).toMatch(/^E_MESSAGE_(KEY|MISDIRECTED)$/)
  const codes = async (): Promise<string[]> => {
    const found: string[] = []
    for await (const { body } of session.bus.history('RECORDS')) {
      const { envelope, payload } = JSON.parse(Buffer.from(body).toString()) as {
        envelope: { type: string; id: string }
        payload: { code: string }
      }
      if (envelope.id.startsWith('refusal:INCIDENTS:')) found.push(payload.code)
    }
    return found.toSorted()
  }
  // Seven processes refuse each; one of them puts it on record.
  const expected = ['E_MESSAGE_EXPIRED', 'E_MESSAGE_MAC', 'E_MESSAGE_MISDIRECTED', 'E_MESSAGE_UNSIGNED']
  await expect.poll(codes, { timeout: 10_000 }).toEqual(expected)
})

test('a request to the injector that does not hold is answered with its code, and injects nothing', async () => {
  const { session } = bench
  const sealer = await session.sealer()
  const subject = 'control.injector'
  const about = {
    id: 'control:altered',
    type: 'control.inject-request.v1',
    subject,
    audience: 'injector',
    payload: { command: 'list' }
  } as const
  const { body, headers } = sealer.seal(about)
  const answer = await session.bus.request(subject, Buffer.concat([body, Buffer.from(' ')]), headers, 5_000)
  expect(session.openAnswer(answer).payload).toMatchObject({ ok: false, error: { code: 'E_MESSAGE_MAC' }, injections: [] })
})

async function auditCursor(): Promise<number> {
  const last = await bench.session.bus.last('AUDIT')
  return last ? parseEntry(last.body).log.cursor.INCIDENTS : 0
}
