import { Buffer } from 'node:buffer'
import { expect, test } from 'vitest'
import { connectNats, Lease, type Stored } from './bus.ts'
import { startNats, until } from './testing.ts'

const text = (message: { body: Uint8Array }): string => Buffer.from(message.body).toString()
const bytes = (value: string): Uint8Array => Buffer.from(value)
const fact = (n: number): string => `incident.inc-20260101-${n}.opened`

test('appending twice under one id is appending once, and a rival is told', async () => {
  await using server = await startNats()
  const bus = await connectNats({ url: server.url, name: 't' })
  const first = await bus.append(fact(1), bytes('a'), { 'Triage-Key': 'k' }, { id: 'm1', lastSubjectSeq: 0 })
  expect(first).toEqual({ seq: 1, duplicate: false })
  expect(await bus.append(fact(1), bytes('a'), {}, { id: 'm1', lastSubjectSeq: 0 })).toEqual({ seq: 1, duplicate: true })
  await expect(bus.append(fact(1), bytes('b'), {}, { id: 'm2', lastSubjectSeq: 0 })).rejects.toMatchObject({ code: 'E_BUS_CONFLICT' })
  await expect(bus.append('audit.log', bytes('b'), {}, { id: 'm3', lastSeq: 5 })).rejects.toMatchObject({ code: 'E_BUS_CONFLICT' })
  expect(text((await bus.last('INCIDENTS', fact(1)))!)).toBe('a')
  expect((await bus.get('INCIDENTS', 1))!.header('Triage-Key')).toBe('k')
  expect(await bus.get('INCIDENTS', 2)).toBeNull()
  expect(await bus.last('AUDIT')).toBeNull()
  await bus.close()
})

test('a follower gets what was said before and after, in order, each once; also after a restart of it', async () => {
  await using server = await startNats({ planner: ['1'] })
  const bus = await connectNats({ url: server.url, name: 't' })
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
  await bus.close()
})

test('what was appended before a crash of the server is there afterwards, and everybody goes on', async () => {
  await using server = await startNats({ planner: ['1'] })
  const bus = await connectNats({ url: server.url, name: 't' })
  const seen: string[] = []
  const following = await bus.follow('INCIDENTS', { consumer: 'planner-1' }, async (message) => void seen.push(text(message)))
  await bus.append(fact(1), bytes('before'), {}, { id: 'm1' })
  await server.crashAndRestart()
  await until('the bus to be back', () => bus.append(fact(2), bytes('after'), {}, { id: 'm2' }).catch(() => null), 50_000)
  await until('both', () => seen.length === 2, 50_000)
  expect(seen).toEqual(['before', 'after'])
  await following.stop()
  await bus.close()
})

test('work goes to one worker at a time, again to another when it fails, and to the dead letters when it never works', async () => {
  await using server = await startNats()
  const [one, two] = [await connectNats({ url: server.url, name: 'one' }), await connectNats({ url: server.url, name: 'two' })]
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
  await Promise.all([one.close(), two.close()])
})

test('a question gets its answer, and nobody listening is an error soon', async () => {
  await using server = await startNats()
  const bus = await connectNats({ url: server.url, name: 't' })
  bus.listen('control.injector', (message, reply, answer) =>
    answer(bytes(`${text(message)} ${reply.startsWith('_INBOX_t')}`), { 'Triage-Key': 'x' })
  )
  const answer = await bus.request('control.injector', bytes('hello'), {}, 2_000)
  expect([text(answer), answer.header('Triage-Key')]).toEqual(['hello true', 'x'])
  await expect(bus.request('control.nobody', bytes(''), {}, 2_000)).rejects.toMatchObject({ code: 'E_BUS_UNREACHABLE' })
  await bus.close()
})

test('a boot counter never gives a number twice', async () => {
  await using server = await startNats()
  const buses = await Promise.all([1, 2, 3].map((n) => connectNats({ url: server.url, name: `t${n}` })))
  const epochs = await Promise.all(buses.flatMap((bus) => [bus.nextEpoch('planner'), bus.nextEpoch('planner')]))
  expect(epochs.toSorted((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6])
  await Promise.all(buses.map((bus) => bus.close()))
})

test('one holds the lease; when it goes silent the next gets it with a greater token, and its former life at once', async () => {
  await using server = await startNats()
  const bus = await connectNats({ url: server.url, name: 't' })
  const [a, b] = ['a', 'b'].map((holder) => new Lease(bus.leases, 'scheduler', holder, () => {})) as [Lease, Lease]
  await a.start()
  await b.start()
  const first = a.fence()!
  expect([first > 0, b.fence()]).toEqual([true, null])
  const again = new Lease(bus.leases, 'scheduler', 'a', () => {})
  await again.start()
  expect(again.fence()).toBeGreaterThan(first)
  await until('the former life to notice', () => a.fence() === null)
  await Promise.all([a.stop(), again.stop()])
  expect(await until('the standby to take over', () => b.fence(), 12_000)).toBeGreaterThan(first)
  await b.stop()
  await bus.close()
})

test('no server: an error that says so, when there is no patience', async () => {
  await expect(connectNats({ url: 'nats://127.0.0.1:1', name: 't', connectTimeoutMs: 500 })).rejects.toMatchObject({
    code: 'E_BUS_UNREACHABLE'
  })
})
