import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { Bus, Stored } from '@triage/bus'
import { seedPath } from '@triage/bus/server'
import { until } from '@triage/bus/testing'
import { type Observation, type TaskFinished, type TaskRequest, TriageError } from '@triage/contracts'
import { look, requestOf } from '@triage/contracts/testing'
import { expect, test } from 'vitest'
import type { Actor } from './process.ts'
import { serveTasks, type TaskAnswer } from './task-server.ts'
import { type TestSwarm, testSwarm } from './testing.ts'

const handOut = (scheduler: Actor, task_id: string) =>
  scheduler.outbox.command('log-agent', `command:${task_id}`, requestOf(look(task_id)), 1, 60_000, {})

async function everything(bus: Bus, stream: 'INCIDENTS' | 'DEADLETTER'): Promise<Stored[]> {
  return Array.fromAsync(bus.history(stream))
}
/** What was answered, by task. */
async function answers({ root }: TestSwarm, { inbox }: Actor): Promise<Record<string, TaskFinished[]>> {
  const finished = (await everything(root, 'INCIDENTS')).map((stored) => inbox.fact(stored)!.payload as TaskFinished)
  return Object.groupBy(finished, ({ task_id }) => task_id) as Record<string, TaskFinished[]>
}
const emptied = ({ root }: TestSwarm) => until('the queue to be empty', async () => (await root.size('TASKS')).messages === 0, 30_000)

/** A log agent that does its tasks as the test says, and a scheduler that hands them out. */
async function setUp(swarm: TestSwarm, carryOut: (request: TaskRequest) => Promise<TaskAnswer>) {
  const [scheduler, agent] = [await swarm.actor('scheduler'), await swarm.actor('log-agent')]
  return { scheduler, serving: await serveTasks(agent, carryOut) }
}

test('a task that waits for something is taken off the queue without an answer', async () => {
  await using swarm = await testSwarm()
  const { scheduler, serving } = await setUp(swarm, async () => ({ status: 'waiting', summary: 'a human was asked' }))
  await handOut(scheduler, 'waits')
  await emptied(swarm)
  expect(await answers(swarm, scheduler)).toEqual({})
  await serving.stop()
})

test('a task that succeeds, one that throws a code and one that just throws are answered each, once', async () => {
  await using swarm = await testSwarm()
  const { scheduler, serving } = await setUp(swarm, async ({ task }) => {
    if (task.task_id === 'coded') throw new TriageError('E_RUNTIME_UNREACHABLE', 'the runtime does not answer')
    if (task.task_id === 'broken') throw new RangeError('this is a bug')
    return { status: 'succeeded', summary: 'looked' }
  })
  for (const task_id of ['fine', 'coded', 'broken']) await handOut(scheduler, task_id)
  await emptied(swarm)
  const { fine, coded, broken } = await answers(swarm, scheduler)
  expect(fine).toMatchObject([{ status: 'succeeded', summary: 'looked', attempt: 1, plan_version: 1 }])
  expect(coded).toMatchObject([
    { status: 'failed', retryable: true, error: { code: 'E_RUNTIME_UNREACHABLE', message: 'the runtime does not answer' } }
  ])
  expect(broken).toMatchObject([{ status: 'failed', error: { code: 'E_TASK_FAILED', message: 'this is a bug' } }])
  await serving.stop()
})

test('a command that was altered is taken off the queue without an answer, and the refusal is on record', async () => {
  await using swarm = await testSwarm()
  const seen: string[] = []
  const { scheduler, serving } = await setUp(swarm, async ({ task }) => {
    seen.push(task.task_id)
    return { status: 'succeeded', summary: 'looked' }
  })
  await scheduler.bus.append(
    'task.log-agent',
    new TextEncoder().encode('{}'),
    { 'Triage-Mac': 'ab', 'Triage-Key': 'k1.scheduler.log-agent' },
    { id: 'x' }
  )
  await handOut(scheduler, 'next')
  await emptied(swarm)
  expect([seen, Object.keys(await answers(swarm, scheduler))]).toEqual([['next'], ['next']])
  const auditor = await swarm.actor('auditor')
  const record = await until('the refusal on record', () => auditor.bus.last('RECORDS', 'audit.record.log-agent'))
  expect(auditor.inbox.fact(record)!.payload).toMatchObject({ subject: 'task.log-agent', code: 'E_MESSAGE_MAC', bytes: 2 })
  await serving.stop()
})

test('a command that was carried out, published again by a thief of the scheduler, is refused: in this life, the next, and another instance', async () => {
  await using swarm = await testSwarm()
  const seen: string[] = []
  const carryOut = async ({ task }: TaskRequest): Promise<TaskAnswer> => {
    seen.push(task.task_id)
    return { status: 'succeeded', summary: 'looked' }
  }
  const { scheduler, serving } = await setUp(swarm, carryOut)
  const subject = 'task.log-agent'
  const about = { id: 'look', type: 'task.request.v1', audience: 'log-agent', subject, payload: requestOf(look('look')), fence: 1 } as const
  const { body, headers } = scheduler.outbox.sealer.seal(about)
  const say = (id: string) => scheduler.bus.append(subject, body, headers, { id })
  await say('the first time')
  await say('in this life')
  await emptied(swarm)
  await serving.stop()
  const lives = await Promise.all([swarm.actor('log-agent'), swarm.actor('log-agent')])
  const servings = await Promise.all(lives.map((actor) => serveTasks(actor, carryOut)))
  for (let n = 0; n < 6; n++) await say(`later ${n}`)
  await handOut(scheduler, 'next')
  await emptied(swarm)
  expect(seen).toEqual(['look', 'next'])
  expect(lives.reduce((sum, { inbox }) => sum + (inbox.refusals.counts.get('E_MESSAGE_REPLAYED') ?? 0), 0)).toBe(6)
  await until('the refusals on record', async () => (await swarm.root.size('RECORDS')).messages === 7)
  await Promise.all(servings.map((one) => one.stop()))
})

test('a task whose answer cannot be said goes to the dead letters as it came, and the next one is done', async () => {
  await using swarm = await testSwarm()
  let tries = 0
  const { scheduler, serving } = await setUp(swarm, async ({ task }) => {
    if (task.task_id !== 'poison') return { status: 'succeeded', summary: 'looked' }
    tries++
    return { status: 'succeeded', summary: 'x', observations: [{ kind: 'no such thing' } as unknown as Observation] }
  })
  await handOut(scheduler, 'poison')
  const command = (await swarm.root.last('TASKS', 'task.log-agent'))!
  await handOut(scheduler, 'next')
  await emptied(swarm)
  const [letter, ...more] = await everything(swarm.root, 'DEADLETTER')
  expect(more).toEqual([])
  expect([letter!.subject, Buffer.from(letter!.body), letter!.header('Triage-Mac')]).toEqual([
    'deadletter.log-agent',
    Buffer.from(command.body),
    command.header('Triage-Mac')
  ])
  expect(tries).toBe(5)
  expect(Object.keys(await answers(swarm, scheduler))).toEqual(['next'])
  await serving.stop()
})

test('a task whose worker was killed goes to another, which answers it once', async () => {
  await using swarm = await testSwarm()
  const scheduler = await swarm.actor('scheduler')
  const worker = spawn(
    process.execPath,
    [join(import.meta.dirname, 'test-worker.ts'), swarm.natsUrl, swarm.keys, seedPath(swarm.nkeys, 'log-agent')],
    {
      stdio: ['ignore', 'pipe', 'inherit']
    }
  )
  try {
    await handOut(scheduler, 'look')
    const [said] = await once(worker.stdout, 'data')
    expect(String(said)).toBe('took look\n')
  } finally {
    const exited = once(worker, 'exit')
    worker.kill('SIGKILL')
    await exited
  }
  const { serving } = await setUp(swarm, async () => ({ status: 'succeeded', summary: 'looked' }))
  await emptied(swarm)
  expect((await answers(swarm, scheduler)).look).toMatchObject([{ status: 'succeeded', attempt: 1 }])
  await serving.stop()
})
