import { Buffer } from 'node:buffer'
import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { connectNats, Lease, type Stored } from './bus.ts'
import { createNkeys, seedPath } from './server.ts'
import { startNats, until } from './testing.ts'

const text = (message: { body: Uint8Array }): string => Buffer.from(message.body).toString()
const bytes = (value: string): Uint8Array => Buffer.from(value)
const fact = (n: number): string => `incident.inc-20260101-${n}.opened`

test('appending twice under one id is appending once, and a rival is told', async () => {
  await using server = await startNats()
  const bus = await server.connect('root')
  const first = await bus.append(fact(1), bytes('a'), { 'Triage-Key': 'k' }, { id: 'm1', lastSubjectSeq: 0 })
  expect(first).toEqual({ seq: 1, duplicate: false })
  expect(await bus.append(fact(1), bytes('a'), {}, { id: 'm1', lastSubjectSeq: 0 })).toEqual({ seq: 1, duplicate: true })
  await expect(bus.append(fact(1), bytes('b'), {}, { id: 'm2', lastSubjectSeq: 0 })).rejects.toMatchObject({ code: 'E_BUS_CONFLICT' })
  await expect(bus.append('audit.log', bytes('b'), {}, { id: 'm3', lastSeq: 5 })).rejects.toMatchObject({ code: 'E_BUS_CONFLICT' })
  expect(text((await bus.last('INCIDENTS', fact(1)))!)).toBe('a')
  expect((await bus.get('INCIDENTS', 1))!.header('Triage-Key')).toBe('k')
  expect(await bus.get('INCIDENTS', 2)).toBeNull()
  expect(await bus.last('AUDIT')).toBeNull()
})

test('a follower gets what was said before and after, in order, each once; also after a restart of it', async () => {
  await using server = await startNats({ planner: ['1'] })
  const bus = await server.connect('root')
  for (let n = 1; n <= 150; n++) await bus.append(fact(n), bytes(String(n)), {}, { id: `m${n}` })
  for (const life of [1, 2]) {
    const seen: number[] = []
    let caughtUpAt = 0
    let failures = 0
    const handle = async (message: Stored): Promise<void> => {
      if (message.seq === 7 && failures++ === 0) throw new Error('once')
      seen.push(message.seq)
    }
    const following = await bus.follow('INCIDENTS', { consumer: 'planner-1' }, handle, () => (caughtUpAt = seen.length))
    const said = 150 + life
    await bus.append(fact(said), bytes('live'), {}, { id: `m${said}` })
    await until('the live fact', () => seen.includes(said))
    expect(caughtUpAt).toBe(149 + life)
    expect(seen).toEqual(Array.from({ length: said }, (_, i) => i + 1))
    expect(failures).toBe(2)
    await following.stop()
  }
})

test('what was appended before a crash of the server is there afterwards, and everybody goes on', async () => {
  await using server = await startNats({ planner: ['1'] })
  const bus = await server.connect('root')
  const seen: string[] = []
  const following = await bus.follow('INCIDENTS', { consumer: 'planner-1' }, async (message) => void seen.push(text(message)))
  await bus.append(fact(1), bytes('before'), {}, { id: 'm1' })
  const epoch = await bus.nextEpoch('planner')
  await server.crashAndRestart()
  await until('the bus to be back', () => bus.append(fact(2), bytes('after'), {}, { id: 'm2' }).catch(() => null), 50_000)
  await until('both', () => seen.length === 2, 50_000)
  expect(seen).toEqual(['before', 'after'])
  expect(await bus.nextEpoch('planner')).toBeGreaterThan(epoch)
  await following.stop()
})

test('work goes to one worker at a time, again to another when it fails, and to the dead letters when it never works', async () => {
  await using server = await startNats()
  const [one, two] = [await server.connect('root'), await server.connect('root')]
  const done: string[] = []
  const poisoned: string[] = []
  let tries = 0
  const handlers = {
    handle: async (message: Stored) => {
      if (text(message) === 'bad') {
        tries++
        throw new Error('never')
      }
      done.push(text(message))
    },
    poisoned: async (message: Stored) => void poisoned.push(text(message))
  }
  const working = await Promise.all([one, two].map((bus) => bus.work('TASKS', 'log-agent', handlers)))
  for (const word of ['a', 'bad', 'b', 'c']) await one.append('task.log-agent', bytes(word), {}, { id: word })
  await until('the bad one to be given up', () => poisoned.length === 1, 25_000)
  expect(done.toSorted()).toEqual(['a', 'b', 'c'])
  expect(tries).toBe(5)
  await until('the queue to be empty', async () => (await one.size('TASKS')).messages === 0)
  await Promise.all(working.map((worker) => worker.stop()))
})

test('a question gets its answer, and nobody listening is an error soon', async () => {
  await using server = await startNats()
  const [operator, injector] = [await server.connect('operator'), await server.connect('injector')]
  await expect(operator.request('control.injector', bytes(''), {}, 2_000)).rejects.toMatchObject({ code: 'E_BUS_UNREACHABLE' })
  injector.listen('control.injector', (message, reply, answer) =>
    answer(bytes(`${text(message)} ${reply.startsWith('_INBOX_operator_answer.')}`), { 'Triage-Key': 'x' })
  )
  await injector.connection.flush()
  const answer = await operator.request('control.injector', bytes('hello'), {}, 2_000)
  expect([text(answer), answer.header('Triage-Key')]).toEqual(['hello true', 'x'])
})

test('a boot counter never gives a number twice', async () => {
  await using server = await startNats()
  const buses = await Promise.all([1, 2, 3].map(() => server.connect('planner')))
  const epochs = await Promise.all(buses.flatMap((bus) => [bus.nextEpoch('planner'), bus.nextEpoch('planner')]))
  expect(new Set(epochs).size).toBe(6)
})

test('one holds the lease; when it goes silent the next gets it with a greater token, and its former life at once', async () => {
  await using server = await startNats()
  const bus = await server.connect('scheduler')
  const [a, b] = ['a', 'b'].map((holder) => new Lease(bus.leases, 'lease.scheduler', holder, () => {})) as [Lease, Lease]
  await a.start()
  await b.start()
  const first = a.fence()!
  expect([first > 0, b.fence()]).toEqual([true, null])
  const again = new Lease(bus.leases, 'lease.scheduler', 'a', () => {})
  await again.start()
  expect(again.fence()).toBeGreaterThan(first)
  await until('the former life to notice', () => a.fence() === null)
  await Promise.all([a.stop(), again.stop()])
  expect(await until('the standby to take over', () => b.fence(), 12_000)).toBeGreaterThan(first)
  await b.stop()
})

test('who looks on without a consumer is told of everything, also of what was said while the server was down', async () => {
  await using server = await startNats()
  const [gateway, observer] = [await server.connect('gateway'), await server.connect('observer')]
  const say = (n: number) => gateway.append(fact(n), bytes(String(n)), {}, { id: `m${n}` })
  await say(1)
  const seen: string[] = []
  const looking = await observer.follow('INCIDENTS', { consumer: null }, async (message) => void seen.push(text(message)))
  for (let n = 2; n <= 40; n++) await say(n)
  await until('what was said', () => seen.length === 40)
  await server.crashAndRestart()
  await until('the bus to be back', () => say(41).catch(() => null), 50_000)
  await until('what was said after the crash', () => seen.length === 41, 50_000)
  expect(seen).toEqual(Array.from({ length: 41 }, (_, i) => String(i + 1)))
  await looking.stop()
})

test('no server: an error that says so, when there is no patience', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'triage-test-'))
  createNkeys(folder.path)
  const nobody = { url: 'nats://127.0.0.1:1', user: 'planner', nkey: seedPath(folder.path, 'planner'), connectTimeoutMs: 500 }
  await expect(connectNats(nobody)).rejects.toMatchObject({ code: 'E_BUS_UNREACHABLE' })
})
