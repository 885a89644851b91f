import { Buffer } from 'node:buffer'
import { hash } from 'node:crypto'
import type { Bus, Stored } from '@triage/bus'
import { type Refusal, TriageError } from '@triage/contracts'
import { look, requestOf } from '@triage/contracts/testing'
import { type SealedMessage, Sealer } from '@triage/envelope'
import { singleKey } from '@triage/keyring'
import { createLog } from '@triage/log'
import { expect, test } from 'vitest'
import { metricsText } from './health.ts'
import { Inbox } from './inbox.ts'
import { Refusals } from './refusals.ts'
import { Taken } from './taken.ts'

const keys = singleKey(Buffer.alloc(32, 1))
const subject = 'task.log-agent'
const incident_id = 'inc-20260101-1'
const request = requestOf(look('look'), incident_id)

/** What the log agent has on record of the commands that it took: one id a subject. */
class Record {
  readonly #ids = new Map<string, string>()
  fails = false

  append: Bus['append'] = async (subject, _body, _headers, { id }) => {
    if (this.fails) throw new TriageError('E_BUS_UNREACHABLE', 'the bus does not answer')
    const before = this.#ids.get(subject)
    if (before !== undefined && before !== id) throw new TriageError('E_BUS_CONFLICT', subject)
    this.#ids.set(subject, id)
    return { seq: this.#ids.size, duplicate: before !== undefined }
  }
}

/** An inbox of the log agent in its first or a later life, what it puts on record, and a scheduler that writes to it. */
function setUp(record = new Record()) {
  const refused: [string, Refusal][] = []
  const refusals = new Refusals('log-agent', createLog('log-agent', '1', 'silent'), async (...one) => refused.push(one))
  const inbox = new Inbox('log-agent', keys, refusals, new Taken(record, 'log-agent'))
  const sealer = new Sealer('scheduler', 1, keys)
  const command = (fence: number): SealedMessage =>
    sealer.seal({ id: `m${fence}`, type: 'task.request.v1', audience: 'log-agent', subject, payload: request, incident_id, fence })
  const open = (message: SealedMessage, seq: number) => inbox.command('task.request.v1', stored(message, seq))
  const codes = () => [...refusals.counts.keys()]
  return { inbox, refused, sealer, command, open, codes, record }
}
const stored = ({ body, headers }: SealedMessage, seq: number, at = Date.now(), on = subject): Stored => ({
  subject: on,
  body,
  seq,
  at,
  header: (name) => headers[name as keyof SealedMessage['headers']] ?? ''
})
const altered = (message: SealedMessage): SealedMessage => ({ ...message, body: Buffer.concat([message.body, Buffer.from(' ')]) })

test('a command of the scheduler is opened', async () => {
  const { inbox, refused, command, open } = setUp()
  expect((await open(command(1), 1))?.payload).toEqual(request)
  expect([inbox.refusals.total, refused]).toEqual([0, []])
})

test('an altered command is refused, counted, and put on record with its hash and never its content', async () => {
  const { inbox, refused, command, open } = setUp()
  const message = altered(command(1))
  expect(await open(message, 1)).toBeNull()
  expect([...inbox.refusals.counts]).toEqual([['E_MESSAGE_MAC', 1]])
  const message_sha256 = hash('sha256', message.body)
  expect(refused).toEqual([['refusal:TASKS:1', { subject, code: 'E_MESSAGE_MAC', message_sha256, bytes: message.body.byteLength }]])
})

test('a command under an older lease than one seen before is refused', async () => {
  const { command, open, codes } = setUp()
  for (const [seq, fence] of [5, 5, 7].entries()) expect((await open(command(fence), seq + 1))?.envelope.fence).toBe(fence)
  expect(await open(command(6), 4)).toBeNull()
  expect(codes()).toEqual(['E_MESSAGE_FENCED'])
  expect((await open(command(7), 5))?.envelope.fence).toBe(7)
})

test('a refused command does not raise the fence', async () => {
  const { command, open } = setUp()
  expect(await open(altered(command(9)), 1)).toBeNull()
  expect((await open(command(3), 2))?.envelope.fence).toBe(3)
})

test('a command that comes again from its place is opened as a redelivery, from another place refused', async () => {
  const { command, open, codes } = setUp()
  const message = command(1)
  expect((await open(message, 1))?.redelivered).toBe(false)
  expect((await open(message, 1))?.redelivered).toBe(true)
  expect(await open(message, 2)).toBeNull()
  expect(codes()).toEqual(['E_MESSAGE_REPLAYED'])
})

test('also in a later life, or in another instance', async () => {
  const { command, open, record } = setUp()
  const message = command(1)
  await open(message, 1)
  const next = setUp(record)
  expect((await next.open(message, 1))?.payload).toEqual(request)
  expect(await setUp(record).open(message, 2)).toBeNull()
  expect(await next.open(message, 2)).toBeNull()
  expect(next.codes()).toEqual(['E_MESSAGE_REPLAYED'])
})

test('when nobody can tell whether a command was taken it is not refused, and not opened either', async () => {
  const { inbox, command, open, record } = setUp()
  const message = command(1)
  record.fails = true
  await expect(open(message, 1)).rejects.toMatchObject({ code: 'E_BUS_UNREACHABLE' })
  record.fails = false
  expect((await open(message, 1))?.payload).toEqual(request)
  expect(inbox.refusals.total).toBe(0)
})

test("a command for everybody is nobody's", async () => {
  const { sealer, open, codes } = setUp()
  const about = { id: 'm', type: 'task.request.v1', audience: 'swarm', subject, payload: request, incident_id, fence: 1 } as const
  expect(await open(sealer.seal(about), 1)).toBeNull()
  expect(codes()).toEqual(['E_MESSAGE_MISDIRECTED'])
})

test('a fact was fresh when the stream took it in, however long ago; a bad one is null, counted, and once on record while it is news', () => {
  const { inbox, refused, sealer } = setUp()
  const on = `incident.${incident_id}.plan-accepted`
  const payload = { plan_id: request.plan_id, plan_version: 1 }
  const fact = () => sealer.seal({ id: 'f', type: 'incident.plan-accepted.v1', audience: 'swarm', subject: on, payload, incident_id })
  const hourAgo = new Sealer('scheduler', 2, keys, () => Date.now() - 3_600_000)
  const old = hourAgo.seal({ id: 'o', type: 'incident.plan-accepted.v1', audience: 'swarm', subject: on, payload, incident_id })
  expect(inbox.fact(stored(old, 1, Date.now() - 3_600_000, on))?.payload).toEqual(payload)
  expect(inbox.fact(stored(fact(), 2, Date.now() + 3_600_000, on))).toBeNull()
  expect(inbox.fact(stored(altered(fact()), 3, Date.now(), on))).toBeNull()
  expect(inbox.fact(stored(altered(fact()), 4, Date.now() - 3_600_000, on))).toBeNull()
  expect([...inbox.refusals.counts]).toEqual([
    ['E_MESSAGE_EXPIRED', 1],
    ['E_MESSAGE_MAC', 2]
  ])
  expect(refused.map(([id]) => id)).toEqual(['refusal:INCIDENTS:2', 'refusal:INCIDENTS:3'])
})

test('a signal that comes again is refused, and one that is older than this life: nobody knows whether it was heard', () => {
  const { inbox, codes } = setUp()
  const on = 'heartbeat.planner.1'
  const started_at = '2026-01-01T12:00:00.000Z'
  const payload = {
    role: 'planner',
    instance: '1',
    pid: 1,
    started_at,
    ready: true,
    in_flight: 0,
    rss_bytes: 1,
    refused: 0,
    keys: keys.held
  }
  const about = { id: 'h', type: 'heartbeat.v1', audience: 'swarm', subject: on, payload } as const
  const message = stored(new Sealer('planner', 1, keys).seal(about), 1, Date.now(), on)
  expect(inbox.signal(message)?.envelope.issuer).toBe('planner')
  expect(inbox.signal(message)).toBeNull()
  const before = new Sealer('planner', 2, keys, () => Date.now() - 1_000).seal(about)
  const why: string[] = []
  expect(inbox.signal(stored(before, 1, Date.now(), on), ({ code }) => why.push(code))).toBeNull()
  expect([codes(), why]).toEqual([['E_MESSAGE_REPLAYED'], ['E_MESSAGE_REPLAYED']])
})

test('of a flood all is counted and a little is told', () => {
  const { inbox, refused, sealer } = setUp()
  const on = 'heartbeat.planner.1'
  const { headers } = sealer.seal({ id: 'm', type: 'task.request.v1', audience: 'log-agent', subject, payload: request, incident_id })
  const junk = (n: number) => stored({ headers, body: Buffer.from(`junk ${n}`) }, n, Date.now(), on)
  for (let n = 1; n <= 1000; n++) expect(inbox.signal(junk(n))).toBeNull()
  expect(inbox.refusals.total).toBe(1000)
  expect(refused.length).toBeGreaterThan(10)
  expect(refused.length).toBeLessThan(100)
  expect(metricsText('log-agent', inbox.refusals)).toContain('triage_refused_messages_total{role="log-agent",code="E_MESSAGE_KEY"} 1000\n')
})
