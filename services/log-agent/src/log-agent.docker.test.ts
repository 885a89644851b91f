// What real programs write, and a container that has written 100 MB.
import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { connect } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import type { Observation, TaskRequest } from '@triage/contracts'
import type { RuntimeReader } from '@triage/runtime'
import { dockerRuntime } from '@triage/runtime/docker'
import { GenericContainer, type StartedTestContainer } from 'testcontainers'
import { expect, test } from 'vitest'
import { LogAgent } from './log-agent.ts'

const url = `unix://${process.env.DOCKER_HOST?.replace(/^unix:\/\//, '') ?? '/var/run/docker.sock'}`

/** A compose project by its labels, without compose. */
class LabelledProject implements AsyncDisposable {
  readonly name = `triage-logs-${randomUUID().slice(0, 8)}`
  readonly runtime: RuntimeReader = dockerRuntime({ url, project: this.name, token: '' })
  readonly #containers: StartedTestContainer[] = []

  async start(service: string, container: GenericContainer): Promise<StartedTestContainer> {
    const labels = { 'com.docker.compose.project': this.name, 'com.docker.compose.service': service }
    const started = await container.withLabels(labels).start()
    this.#containers.push(started)
    return started
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#containers.map((container) => container.stop({ timeout: 0 })))
  }
}

const query = (target: string, args: object): TaskRequest =>
  ({ plan_version: 1, task: { task_id: 'logs', type: 'logs.query', target, args } }) as unknown as TaskRequest
const about = (observations: readonly Observation[], service: string): string[] =>
  observations.flatMap((one) =>
    one.kind === 'log_template' && one.service === service ? [`${one.attributes.level}: ${one.attributes.template}`] : []
  )

test('Postgres, Redis, nats-server and a stack trace, as they are', async () => {
  await using project = new LabelledProject()
  const trace = 'console.log("ready"); setTimeout(() => { throw new TypeError("no cart") }, 500)'
  const postgres = await project.start(
    'db',
    new GenericContainer('postgres:17').withEnvironment({ POSTGRES_PASSWORD: 'x', PGPASSWORD: 'x' })
  )
  const psql = (sql: string) => postgres.exec(['psql', '-h', '127.0.0.1', '-U', 'postgres', '-c', sql])
  for (let tries = 0; (await psql('select 1')).exitCode !== 0 && tries < 100; tries++) await delay(200)
  // The slowest to start is up: what the others complain of now is one burst.
  const [queue] = await Promise.all([
    project.start('queue', new GenericContainer('nats:2.15-alpine').withExposedPorts(4222)),
    project.start('cache', new GenericContainer('redis:8').withCommand(['redis-server', '--maxmemory', '1'])),
    project.start('web', new GenericContainer('node:24-trixie-slim').withCommand(['node', '-e', trace]))
  ])
  const agent = new LogAgent(project.runtime)
  await psql('select nothing from nowhere')
  await postgres.exec(['psql', '-h', '127.0.0.1', '-U', 'nobody', '-c', 'select 1'])
  const socket = connect(queue.getMappedPort(4222), '127.0.0.1').end('garbage\r\n')
  await once(socket.resume(), 'close')
  await delay(500)

  const seen = await agent.observe('obs-la-r0')
  expect(about(seen, 'db')).toContainEqual(expect.stringMatching(/^error: ERROR: relation <str> does not exist/))
  expect(about(seen, 'db')).toContainEqual(expect.stringMatching(/^fatal: FATAL: password authentication failed for user <str>/))
  expect(about(seen, 'cache')).toContainEqual(expect.stringMatching(/^warn: # WARNING/))
  expect(about(seen, 'queue')).toContainEqual(expect.stringMatching(/^error: \[ERR\] .*parser ERROR/i))
  expect(about(seen, 'web')).toContainEqual('error: TypeError: no cart')

  const { status, summary, observations } = await agent.carryOut(
    query('db', { level: 'info', matches: 'relation "n\\w+"', lookback_s: 60 })
  )
  expect([status, observations?.length]).toEqual(['succeeded', 1])
  expect(summary).toMatch(/^db: new since [\d:]{8}: .*relation .*; 1 of \d+ lines$/)
  await expect(agent.carryOut(query('db', { matches: '(?<=a)b' }))).rejects.toMatchObject({ code: 'E_TASK_PATTERN' })
})

test('a container that has printed 100 MB: read in little memory and time, and it is said that lines were left out', async () => {
  await using project = new LabelledProject()
  // A million lines of a hundred bytes, then an error.
  const flood = `yes "$(head -c 99 /dev/zero | tr '\\0' x)" | head -n 1050000; echo 'ERROR: disk full'; exec sleep infinity`
  await project.start('flood', new GenericContainer('node:24-trixie-slim').withCommand(['sh', '-c', flood]))
  const end = async () => (await project.runtime.logs('flood', { tail: 1 }))[0]?.line
  for (let tries = 0; (await end()) !== 'ERROR: disk full' && tries < 600; tries++) await delay(200)
  // In a process that ends when its heap grows beyond 128 MB.
  const script = `
    import { dockerRuntime } from '@triage/runtime/docker'
    import { LogAgent } from '${new URL('./log-agent.ts', import.meta.url).pathname}'
    const agent = new LogAgent(dockerRuntime({ url: '${url}', project: '${project.name}', token: '' }))
    const started = performance.now()
    const before = process.memoryUsage().rss
    const observations = await agent.observe('obs-la-r0')
    const ms = performance.now() - started
    const task = { task_id: 'logs', type: 'logs.query', target: 'flood', args: { level: 'debug', matches: 'disk (full|empty)' } }
    const { summary } = await agent.carryOut({ plan_version: 1, task })
    console.log(JSON.stringify({ ms, mb: (process.resourceUsage().maxRSS * 1024 - before) / 1e6, summaries: observations.map((one) => one.summary), summary }))`
  const { stdout } = await promisify(execFile)(process.execPath, ['--max-old-space-size=128', '--input-type=module', '-e', script], {
    cwd: import.meta.dirname
  })
  const { ms, mb, summaries, summary } = JSON.parse(stdout)
  console.log(`100 MB of log: observed in ${ms.toFixed(0)} ms, memory grew by ${mb.toFixed(0)} MB`)
  expect(summaries).toEqual([
    expect.stringMatching(/^flood logs something new at error, 1 lines: ERROR: disk full \(lines before [\d:]{8} were not read\)$/)
  ])
  expect(summary).toMatch(/^flood: new since .*disk full; 1 of 5000 lines; lines before [\d:]{8} were not read$/)
  expect(mb).toBeLessThan(256)
})
