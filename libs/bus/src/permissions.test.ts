import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect, PermissionViolationError } from '@nats-io/transport-node'
import { roles, type StreamName, streams, subjectsFor, takes } from '@triage/contracts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { followers, users, workers } from './layout.ts'
import { permissionsOf } from './permissions.ts'
import { createNkeys, seedPath } from './server.ts'
import { needs, publishing, subscribing } from './test-operations.ts'
import { type NatsServer, startNats, until } from './testing.ts'

const instances = Object.fromEntries(roles.map((role) => [role, ['1']]))
let server: NatsServer
beforeAll(async () => {
  server = await startNats(instances)
})
afterAll(async () => server[Symbol.asyncDispose]())

/** Of the subjects, those that the server refuses the user. */
async function refused(
  user: (typeof users)[number],
  operation: 'publish' | 'subscription',
  subjects: readonly string[]
): Promise<string[]> {
  const errors: PermissionViolationError[] = []
  const log = (_: string, detail: unknown): void => {
    const { error } = detail as { error?: unknown }
    if (error instanceof PermissionViolationError) errors.push(error)
  }
  const { connection } = await server.connect(user, { log })
  for (const subject of subjects) {
    if (operation === 'publish') connection.publish(subject)
    else connection.subscribe(subject, { callback: () => {} })
  }
  await connection.flush()
  // What the server said before the answer to the flush is in the connection's status, one turn later.
  await new Promise((resolve) => setTimeout(resolve, 50))
  await connection.close()
  expect(errors.filter((error) => error.operation !== operation)).toEqual([])
  return errors.map(({ subject }) => subject)
}

test('there is much to try, and every subject and stream of the grammar is among it', () => {
  expect(publishing.length).toBeGreaterThan(300)
  expect(subscribing.length).toBeGreaterThan(50)
  const patterns = subjectsFor().map(({ subject }) => subject.replaceAll(/\{\w+\}/g, '*'))
  expect(patterns.filter((pattern) => pattern && !publishing.some((subject) => takes(pattern, subject)))).toEqual([])
})

test.each(users)('%s may publish what it needs, and nothing else', async (user) => {
  const expected = publishing.filter((subject) => !needs[user].publish.includes(subject))
  expect((await refused(user, 'publish', publishing)).toSorted()).toEqual(expected.toSorted())
})

test.each(users)('%s may hear what it needs, and nothing else', async (user) => {
  // What is narrower than something that it needs it may hear as well.
  const expected = subscribing.filter((subject) => !needs[user].subscribe.some((wide) => takes(wide, subject)))
  expect((await refused(user, 'subscription', subscribing)).toSorted()).toEqual(expected.toSorted())
})

test('nobody has a wildcard on the API of JetStream, nor an empty list', () => {
  for (const user of users) {
    const { publish, subscribe } = permissionsOf(user, instances)
    expect([user, publish.filter((subject) => /^\$JS\.API\..*[*>]/.test(subject) || subject === '>')]).toEqual([user, []])
    expect([publish.length, subscribe.length].every((length) => length > 0)).toBe(true)
  }
})

test('who follows or works off by the layout is a reader by the grammar', () => {
  const readersOf = (stream: keyof typeof streams): string[] =>
    subjectsFor()
      .filter(({ subject }) => subject && streams[stream].subjects.some((filter) => takes(filter, subject)))
      .flatMap(({ reads }) => reads)
  const pairs = [
    ...followers.flatMap(({ stream, roles }) => roles.map((user) => ({ stream, user }))),
    ...workers.map(({ stream, role }) => ({ stream, user: role }))
  ]
  for (const { stream, user } of pairs)
    expect([stream, user, readersOf(stream).some((name) => [user, 'swarm', '{agent}'].includes(name))]).toEqual([stream, user, true])
})

test('no key, or one of another swarm: the server does not speak with them, and nobody waits for it to', async () => {
  const { url } = server
  await using stranger = await mkdtempDisposable(join(tmpdir(), 'triage-test-'))
  createNkeys(stranger.path)
  await expect(server.connect('planner', { nkey: seedPath(stranger.path, 'planner') })).rejects.toMatchObject({ code: 'E_BUS_FORBIDDEN' })
  await expect(connect({ servers: url, maxReconnectAttempts: 0 })).rejects.toThrow(/authorization/i)
})

test('what a user may not do is an error soon, not a time-out', async () => {
  const reporter = await server.connect('reporter')
  const forbidden = { code: 'E_BUS_FORBIDDEN' }
  await expect(reporter.append('incident.inc-20260101-1.opened', new Uint8Array(), {}, { id: 'x' })).rejects.toMatchObject(forbidden)
  await expect(reporter.get('INCIDENTS', 1)).rejects.toMatchObject(forbidden)
  await expect(reporter.follow('INCIDENTS', { consumer: 'planner-1' }, async () => {})).rejects.toMatchObject(forbidden)
  await expect(reporter.work('TASKS', 'action-agent', { handle: async () => {}, poisoned: async () => {} })).rejects.toMatchObject(
    forbidden
  )
  expect(await reporter.append('incident.report', new Uint8Array(), {}, { id: 'y' })).toMatchObject({ seq: expect.any(Number) })
})

test("the server's own answers, sent to its API in somebody's name, take nothing away", async () => {
  const root = await server.connect('root')
  await root.append('task.action-agent', new Uint8Array([1]), {}, { id: 'task' })
  const reporter = await server.connect('reporter')
  const before = await Promise.all((Object.keys(streams) as StreamName[]).map((stream) => root.size(stream)))
  for (const stream of Object.keys(streams)) {
    // An acknowledgement names the stream and a sequence number, which to a purge is the number to purge up to.
    for (const verb of ['PURGE', 'MSG.DELETE', 'DELETE', 'UPDATE'])
      for (let n = 0; n < 5; n++) reporter.connection.publish('incident.report', 'x', { reply: `$JS.API.STREAM.${verb}.${stream}` })
    reporter.connection.publish('incident.report', 'x', { reply: `$JS.API.CONSUMER.DELETE.${stream}.auditor-1` })
  }
  await reporter.connection.flush()
  const reports = Object.keys(streams).length * 21
  const intake = (Object.keys(streams) as StreamName[]).indexOf('INTAKE')
  await until('the reports', async () => (await root.size('INTAKE')).messages >= before[intake]!.messages + reports)
  const after = await Promise.all((Object.keys(streams) as StreamName[]).map((stream) => root.size(stream)))
  expect(after.filter((_, i) => i !== intake)).toEqual(before.filter((_, i) => i !== intake))
})
