import { Buffer } from 'node:buffer'
import { createHash } from 'node:crypto'
import type { Stored } from '@triage/bus'
import type { PayloadByType, Task } from '@triage/contracts'
import { type SealedMessage, Sealer } from '@triage/envelope'
import { singleKey } from '@triage/keyring'
import { createLog } from '@triage/log'
import { expect, test } from 'vitest'
import { Inbox, type Refused } from './inbox.ts'

const keys = singleKey(Buffer.alloc(32, 1))
const subject = 'task.log-agent'
const incident_id = 'inc-20260101-1'
const task: Task = {
  task_id: 'look',
  type: 'logs.query',
  target: 'orders',
  args: {},
  dependencies: [],
  assigned_to: 'log-agent',
  estimated_cost_ms: 10
}
const request: PayloadByType['task.request.v1'] = {
  incident_id,
  plan_version: 1,
  plan_id: 'plan-0123456789abcdef',
  attempt: 1,
  task,
  idempotency_key: `${incident_id}-1-look`,
  deadline: '2026-01-01T12:00:00.000Z'
}

/** An inbox of the log agent, what it puts on record, and a scheduler that writes to it. */
function setUp() {
  const refused: Parameters<Refused>[0][] = []
  const inbox = new Inbox(keys, ['swarm', 'log-agent'], createLog('log-agent', '1', 'silent'), (refusal) => refused.push(refusal))
  const sealer = new Sealer('scheduler', 1, keys)
  const command = (fence: number): SealedMessage =>
    sealer.seal({ id: `m${fence}`, type: 'task.request.v1', audience: 'log-agent', subject, payload: request, incident_id, fence })
  return { inbox, refused, sealer, command }
}
const stored = ({ body, headers }: SealedMessage, seq: number, at = Date.now(), on = subject): Stored => ({
  subject: on,
  body,
  seq,
  at,
  header: (name) => headers[name as keyof SealedMessage['headers']] ?? ''
})
const altered = (message: SealedMessage): SealedMessage => ({ ...message, body: Buffer.concat([message.body, Buffer.from(' ')]) })
const code = (value: string) => expect.objectContaining({ code: value })

test('a command of the scheduler is opened', () => {
  const { inbox, refused, command } = setUp()
  expect(inbox.command('task.request.v1', stored(command(1), 1)).payload).toEqual(request)
  expect([inbox.refusals, refused]).toEqual([0, []])
})

test('an altered command is refused, counted, and put on record with its hash and never its content', () => {
  const { inbox, refused, command } = setUp()
  const message = altered(command(1))
  expect(() => inbox.command('task.request.v1', stored(message, 1))).toThrow(code('E_MESSAGE_MAC'))
  expect(inbox.refusals).toBe(1)
  expect(refused).toEqual([
    {
      subject,
      code: 'E_MESSAGE_MAC',
      message_sha256: createHash('sha256').update(message.body).digest('hex'),
      bytes: message.body.byteLength
    }
  ])
})

test('a command under an older lease than one seen before is refused', () => {
  const { inbox, command } = setUp()
  const open = (fence: number, seq: number) => inbox.command('task.request.v1', stored(command(fence), seq)).envelope.fence
  expect([open(5, 1), open(5, 2), open(7, 3)]).toEqual([5, 5, 7])
  expect(() => open(6, 4)).toThrow(code('E_MESSAGE_FENCED'))
  expect(open(7, 5)).toBe(7)
})

test('a refused command does not raise the fence', () => {
  const { inbox, command } = setUp()
  expect(() => inbox.command('task.request.v1', stored(altered(command(9)), 1))).toThrow(code('E_MESSAGE_MAC'))
  expect(inbox.command('task.request.v1', stored(command(3), 2)).envelope.fence).toBe(3)
})

test('a command that comes again from its place is opened as a redelivery, from another place refused', () => {
  const { inbox, command } = setUp()
  const message = command(1)
  const open = (seq: number) => inbox.command('task.request.v1', stored(message, seq)).redelivered
  expect([open(1), open(1)]).toEqual([false, true])
  expect(() => open(2)).toThrow(code('E_MESSAGE_REPLAYED'))
})

test('a fact was fresh when the stream took it in, however long ago; a bad one is null, and counted', () => {
  const { inbox, sealer } = setUp()
  const on = `incident.${incident_id}.plan-accepted`
  const payload = { plan_id: request.plan_id, plan_version: 1 }
  const fact = () => sealer.seal({ id: 'f', type: 'incident.plan-accepted.v1', audience: 'swarm', subject: on, payload, incident_id })
  const hourAgo = new Sealer('scheduler', 2, keys, () => Date.now() - 3_600_000)
  const old = hourAgo.seal({ id: 'o', type: 'incident.plan-accepted.v1', audience: 'swarm', subject: on, payload, incident_id })
  expect(inbox.fact(stored(old, 1, Date.now() - 3_600_000, on))?.payload).toEqual(payload)
  expect(inbox.fact(stored(fact(), 2, Date.now() + 3_600_000, on))).toBeNull()
  expect(inbox.fact(stored(altered(fact()), 3, Date.now(), on))).toBeNull()
  expect(inbox.refusals).toBe(2)
})

test('a signal that comes again is refused: no stream says that it is the same', () => {
  const { inbox } = setUp()
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
  const beat = new Sealer('planner', 1, keys).seal({ id: 'h', type: 'heartbeat.v1', audience: 'swarm', subject: on, payload })
  const message = stored(beat, 1, Date.now(), on)
  expect(inbox.signal(message).envelope.issuer).toBe('planner')
  expect(() => inbox.signal(message)).toThrow(code('E_MESSAGE_REPLAYED'))
})
