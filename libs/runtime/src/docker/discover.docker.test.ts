// A compose project that has nothing to do with the shop: its owner has never heard of us.
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { until } from '../until.ts'
import type { Discovery } from './discover.ts'
import { image, TestProject } from './test-project.ts'

const run = promisify(execFile)
const triage = join(import.meta.dirname, '../../../../cli/bin/triage.js')
const page = `require('node:http').createServer((_, response) => { console.log('{"msg":"asked"}'); response.end('ok') }).listen(3000)`

test('triage discover reads a foreign project and says what it could not find out', async () => {
  await using project = await TestProject.start({
    blog: {
      image,
      command: ['node', '-e', page],
      init: true,
      ports: ['127.0.0.1::3000'],
      environment: { DATABASE_PASSWORD: 'hunter2' },
      healthcheck: { test: ['CMD', 'node', '-e', "fetch('http://localhost:3000/up').catch(() => process.exit(1))"], interval: '1s' },
      labels: { 'prometheus.io/scrape': 'true' },
      depends_on: ['sessions', 'mail'],
      volumes: ['./:/srv:ro']
    },
    sessions: { image: 'redis:8', scale: 2 },
    mail: { image, command: ['sleep', 'infinity'], init: true, logging: { driver: 'none' } }
  })
  const discover = async (...options: string[]) => (await run(triage, ['discover', '--project', project.name, ...options])).stdout
  const found = await until('the health check', async () => {
    const discovery = JSON.parse(await discover('--json')) as Discovery
    const blog = discovery.workloads.find(({ name }) => name === 'blog')
    return blog?.health === 'healthy' && blog.log_format === 'json' && discovery
  })
  const [mail, sessions, blog] = found.workloads
  const port = (await project.compose('port', 'blog', '3000')).trim().split(':')[1]
  expect(blog).toMatchObject({
    name: 'blog',
    kind: 'service',
    status: 'running',
    depends_on: expect.arrayContaining(['mail', 'sessions']),
    probes: [{ name: 'health', kind: 'http', url: `http://127.0.0.1:${port}/up` }],
    metrics_url: `http://127.0.0.1:${port}/metrics`
  })
  expect(sessions).toMatchObject({ name: 'sessions', kind: 'cache', replicas: { desired: 2, running: 2 } })
  expect(sessions?.probes[0]?.url).toMatch(/^tcp:\/\/[\d.]+:6379$/)
  expect(mail).toMatchObject({ name: 'mail', kind: 'worker', probes: [], log_format: 'text' })
  const doubts = (name: string) =>
    found.unknown
      .filter((each) => each.name === name)
      .map(({ what }) => what)
      .join('\n')
  expect(doubts('mail')).toMatch(/nothing tells from outside/)
  expect(doubts('mail')).toMatch(/logs cannot be read: they go to none/)
  expect(doubts('sessions')).toMatch(/^no metrics endpoint.*$/)
  expect(doubts('blog')).toMatch(/changes below \/srv are not noticed/)
  const text = await discover()
  expect(text).toContain('Not found out')
  expect(text + JSON.stringify(found)).not.toContain('hunter2')
})

test('an unknown project has a code of its own', async () => {
  const failed = run(triage, ['discover', '--project', 'triage-test-nobody', '--json'])
  await expect(failed).rejects.toMatchObject({ code: 1, stdout: expect.stringContaining('E_RUNTIME_UNKNOWN_PROJECT') })
})
