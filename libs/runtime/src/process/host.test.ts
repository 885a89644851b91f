import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { getPriority } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { until } from '../until.ts'
import { ProcessHost } from './host.ts'
import { findProcess, processTree } from './process-table.ts'
import { node, spec, TestEnvironment, tempFolder } from './test-environment.ts'

const byHost = { by: 'host' } as const
const forever = node('setInterval(() => {}, 1000)')

test('close ends every process, children of children too, and leaves no record', async () => {
  using folder = tempFolder()
  const orphan = `require('node:child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { detached: true }).unref()`
  await using host = new ProcessHost(folder.path, [
    spec('plain', forever),
    spec('family', node(`${orphan}; process.on('SIGTERM', () => {}); setInterval(() => {}, 1000)`), { grace_ms: 100 }),
    spec('hung', forever)
  ])
  await host.startAll()
  host.kill('hung', 'SIGSTOP', byHost)
  const rows = await until('the child in a group of its own', () => {
    const trees = host.list().flatMap(({ pid }) => processTree(pid!))
    return trees.length === 4 && trees
  })
  expect(readdirSync(join(folder.path, 'run')).toSorted()).toEqual(['family.json', 'hung.json', 'plain.json'])
  await host.close()
  for (const row of rows) await until(`${row.pid} has ended`, () => findProcess(row.pid)?.started !== row.started)
  expect(readdirSync(join(folder.path, 'run'))).toEqual([])
  await expect(host.start('plain', byHost)).rejects.toMatchObject({ code: 'E_RUNTIME_FAILED' })
})

test('the record of a process names it and when it started, as long as it runs', async () => {
  await using environment = await TestEnvironment.start()
  const { pid } = environment.host.inspect('ticker')
  const file = join(environment.folder.path, 'run', 'ticker.json')
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({ name: 'ticker', pid, started: findProcess(pid!)?.started })
  await environment.host.stop('ticker', byHost)
  expect(existsSync(file)).toBe(false)
})

test('the environment, priority and user are those of the spec, and nothing of ours leaks', async () => {
  using folder = tempFolder()
  process.env.TRIAGE_TEST_SECRET = 'swordfish'
  const root = process.getuid?.() === 0
  const identity = root ? { uid: 65_534, gid: 65_534 } : {}
  // A program that every user may run, wherever this checkout lies.
  const show = ['/bin/sh', '-c', 'echo "$(id -u) $(env | cut -d= -f1 | tr "\\n" " ")"; exec sleep 1000']
  try {
    await using host = new ProcessHost(folder.path, [spec('shown', show, { env: { OWN: '1' }, nice: 7, cwd: '/', ...identity })])
    await host.startAll()
    const [line] = await until('the line', () => host.logs('shown', {})[0] && host.logs('shown', {}))
    const [uid, ...names] = line!.line.trim().split(' ')
    expect(names).toContain('OWN')
    expect(names).toContain('PATH')
    expect(names).not.toContain('TRIAGE_TEST_SECRET')
    expect(Number(uid)).toBe(root ? 65_534 : process.getuid?.())
    expect(getPriority(host.inspect('shown').pid!)).toBe(7)
  } finally {
    delete process.env.TRIAGE_TEST_SECRET
  }
})

test('calls on one workload take turns: many at once leave one process', async () => {
  await using environment = await TestEnvironment.start()
  const { host } = environment
  await Promise.all([
    host.restart('stubborn', byHost),
    host.stop('stubborn', byHost),
    host.start('stubborn', byHost),
    host.restart('stubborn', byHost)
  ])
  expect(host.inspect('stubborn').status).toBe('running')
  const ops = environment.ops().filter(({ name }) => name === 'stubborn')
  expect(ops.map(({ op }) => op)).toEqual(['start', 'restart', 'stop', 'start', 'restart'])
})

test('a manifest is started in the order of its dependencies; cycles, doubles and unknown names are refused', async () => {
  using folder = tempFolder()
  const build = (...edges: [string, string[]][]) =>
    new ProcessHost(
      folder.path,
      edges.map(([name, depends_on]) => spec(name, forever, { depends_on }))
    )
  await using host = build(['c', ['b']], ['b', ['a']], ['a', []])
  expect(host.list().map(({ name, status }) => [name, status])).toEqual([
    ['a', 'absent'],
    ['b', 'absent'],
    ['c', 'absent']
  ])
  expect(() => build(['a', ['b']], ['b', ['a']])).toThrow(/a → b → a/)
  expect(() => build(['a', []], ['a', []])).toThrow(/same name/)
  expect(() => build(['a', ['x']])).toThrow(/not declared/)
})

test('a program that is not there fails to start; one that ends by itself keeps its exit code and its log', async () => {
  using folder = tempFolder()
  await using host = new ProcessHost(folder.path, [
    spec('missing', ['/no/such/program']),
    spec('short', node('console.log("last words"); process.exit(3)'))
  ])
  await expect(host.start('missing', byHost)).rejects.toMatchObject({ code: 'E_RUNTIME_FAILED' })
  expect(host.inspect('missing').status).toBe('absent')
  await host.start('short', byHost)
  await until('the exit', () => host.inspect('short').status === 'exited')
  expect(host.inspect('short')).toMatchObject({ exit_code: 3 })
  await until('the log', () => host.logs('short', {}).length === 1)
  expect(readFileSync(join(folder.path, 'logs', 'short.log'), 'utf8')).toMatch(/^\d{4}-\S+Z last words\n$/)
})
