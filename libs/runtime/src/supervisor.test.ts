import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { findProcess, sendSignal } from './process/process-table.ts'
import { node, tempFolder } from './process/test-environment.ts'
import { type SupervisedProcess, Supervisor } from './supervisor.ts'
import { until } from './until.ts'

const forever = 'console.log("up"); setInterval(() => {}, 1000)'
const supervised = (data: string, name: string, code: string): SupervisedProcess => ({
  name,
  command: node(code),
  cwd: '/',
  env: {},
  log_file: join(data, `${name}.log`)
})

test('a process that is killed is started again, and recorded under its new pid', async () => {
  using folder = tempFolder()
  await using supervisor = new Supervisor(folder.path, { backoff_ms: 10 })
  const restarts: unknown[] = []
  supervisor.on('restart', (restart) => restarts.push(restart))
  supervisor.start([supervised(folder.path, 'one', forever), supervised(folder.path, 'two', forever)])
  const before = supervisor.pids()
  sendSignal(before.one!, 'SIGKILL')
  await until('the restart', () => ![undefined, before.one].includes(supervisor.pids().one))
  const after = supervisor.pids()
  expect(after.two).toBe(before.two)
  expect(restarts).toEqual([{ name: 'one', exit: { code: null, signal: 'SIGKILL' }, delay_ms: 10 }])
  expect(JSON.parse(readFileSync(join(folder.path, 'run', 'one.json'), 'utf8'))).toMatchObject({ name: 'one', pid: after.one })
  await until('its output', () => readFileSync(join(folder.path, 'one.log'), 'utf8').endsWith('up\n'))
})

test('one that ends again and again waits longer each time and is given up', async () => {
  using folder = tempFolder()
  await using supervisor = new Supervisor(folder.path, { backoff_ms: 1, max_backoff_ms: 4, restarts: 4 })
  const delays: number[] = []
  const given: unknown[] = []
  supervisor.on('restart', ({ delay_ms }) => delays.push(delay_ms))
  supervisor.on('giveup', (event) => given.push(event))
  supervisor.start([supervised(folder.path, 'broken', 'process.exit(3)')])
  await until('it is given up', () => given.length > 0)
  expect(delays).toEqual([1, 2, 4, 4])
  expect(given).toEqual([{ name: 'broken', exit: { code: 3, signal: null } }])
  expect(supervisor.pids()).toEqual({})
})

test('a run that was long enough makes the wait short again', async () => {
  using folder = tempFolder()
  await using supervisor = new Supervisor(folder.path, { backoff_ms: 1, stable_ms: 0, restarts: 3 })
  const delays: number[] = []
  supervisor.on('restart', ({ delay_ms }) => delays.push(delay_ms))
  supervisor.start([supervised(folder.path, 'short', 'process.exit(0)')])
  await until('three restarts', () => delays.length === 3)
  expect(delays).toEqual([1, 1, 1])
})

test('close ends all, by force where needed, and starts nothing again', async () => {
  using folder = tempFolder()
  await using supervisor = new Supervisor(folder.path, { grace_ms: 200, backoff_ms: 1 })
  let restarts = 0
  supervisor.on('restart', () => restarts++)
  const stubborn = supervised(folder.path, 'stubborn', `process.on('SIGTERM', () => {}); ${forever}`)
  supervisor.start([stubborn, supervised(folder.path, 'polite', forever)])
  expect(() => supervisor.start([stubborn])).toThrow(/stubborn/)
  await until('the handler is in place', () => readFileSync(stubborn.log_file, 'utf8') === 'up\n')
  const pids = Object.values(supervisor.pids())
  await supervisor.close()
  expect(pids.filter((pid) => findProcess(pid))).toEqual([])
  expect(supervisor.pids()).toEqual({})
  expect(restarts).toBe(0)
  expect(readdirSync(join(folder.path, 'run'))).toEqual([])
})

test('what cannot be spawned is refused', async () => {
  using folder = tempFolder()
  await using supervisor = new Supervisor(folder.path)
  const missing = { ...supervised(folder.path, 'missing', ''), command: ['/no/such/program'] }
  expect(() => supervisor.start([missing])).toThrow(expect.objectContaining({ code: 'E_RUNTIME_FAILED' }))
})
