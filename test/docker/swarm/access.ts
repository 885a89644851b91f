// Who can reach what: as the containers are, not as the files say that they should be.
import { join } from 'node:path'
import { connectNats } from '@triage/bus'
import { seedPath } from '@triage/bus/server'
import { expect, test } from 'vitest'
import { docker } from '../compose-project.ts'
import { bench } from '../shared.ts'

const roles = ['auditor', 'scheduler', 'gateway', 'planner', 'monitor', 'metric-agent', 'log-agent', 'action-agent', 'injector']
// A name that nobody has is given up after a second, not after ten.
const patience = ['--env', 'RES_OPTIONS=timeout:1 attempts:1']
const inside = (service: string, ...command: string[]): Promise<string> =>
  bench.project.compose('exec', '--no-TTY', ...patience, service, ...command)

test('one container mounts the socket of the engine', async () => {
  const ids = (await bench.project.compose('ps', '--all', '--quiet')).split('\n')
  const format = '{{range .Mounts}}{{.Source}} {{end}}{{index .Config.Labels "com.docker.compose.service"}}'
  const mounts = (await docker(['inspect', '--format', format, ...ids])).split('\n')
  expect(mounts.filter((line) => line.includes('docker.sock'))).toEqual([expect.stringMatching(/ docker-proxy$/)])
  // Its user owns the socket; of root's rights it has none.
  expect(await inside('docker-proxy', 'grep', 'CapEff', '/proc/self/status')).toMatch(/0{16}$/)
})

test('every process runs as a user without rights and writes only what is its own', async () => {
  const script = 'id -u; for f in / /app /run /run/keys /run/triage /run/baseline; do [ -w $f ] && echo $f; done; true'
  for (const role of roles) expect([role, await inside(role, 'sh', '-c', script)]).toEqual([role, '1000\n/run/triage'])
})

test('a process holds its own seed and nobody else’s', async () => {
  for (const role of roles) expect(await inside(role, 'sh', '-c', 'find /run -name "*.nk"')).toBe(`/run/triage/${role}.nk`)
  expect(await inside('nats', 'sh', '-c', 'find /run -name "*.nk"')).toBe('')
  const keys = await inside('planner', 'ls', '/run/keys')
  expect(keys.split('\n')).toEqual(['audit-keys.txt', 'ca.pem', 'keys.json', 'keys.passphrase', 'operator', 'swarm.json'])
  expect(await inside('planner', 'ls', '/run/keys/operator')).toBe('')
})

const ask = (role: string, method: string, path: string, token = 'readFileSync("/run/triage/runtime.token", "utf8")'): Promise<string> =>
  inside(
    role,
    'node',
    '--input-type=module',
    '--eval',
    `import { readFileSync } from 'node:fs'
     const headers = { authorization: 'Bearer ' + ${token} }
     const answer = await fetch('http://docker-proxy:2375${path}', { method: '${method}', headers }).catch((error) => ({ status: error.cause.code }))
     console.log(answer.status)`
  )

test('who looks may look and not touch; who has no token, or no business there, gets nothing', async () => {
  const catalog = await bench.project.compose('ps', '--quiet', 'catalog')
  const gateway = await bench.project.compose('ps', '--quiet', 'gateway')
  for (const role of ['monitor', 'metric-agent', 'log-agent']) {
    expect([role, await ask(role, 'GET', `/containers/${catalog}/json`)]).toEqual([role, '200'])
    expect([role, await ask(role, 'POST', `/containers/${catalog}/restart`)]).toEqual([role, '403'])
  }
  expect(await ask('action-agent', 'POST', `/containers/${catalog}/pause`)).toBe('403')
  expect(await ask('injector', 'POST', `/containers/${gateway}/pause`)).toBe('403')
  expect(await ask('monitor', 'GET', `/containers/${catalog}/json`, '"guessed"')).toBe('403')
  // These are on no network with it.
  const strangers = ['planner', 'gateway', 'auditor', 'scheduler']
  const answers = await Promise.all(strangers.map((role) => ask(role, 'GET', '/_ping', '""')))
  for (const answer of answers) expect(answer).toMatch(/^(ENOTFOUND|EAI_AGAIN)$/)
})

test('the bus takes the users that it knows, encrypted, from this machine alone', async () => {
  const { swarm } = bench.session
  const user = (name: 'reporter' | 'observer', more: object = {}) =>
    connectNats({ url: swarm.nats_url, user: name, nkey: seedPath(swarm.nkeys, name), connectTimeoutMs: 2_000, ...more })
  const address = await bench.project.address('nats', 4222)
  expect(address).toMatch(/^127\.0\.0\.1:/)
  await expect(user('observer', { url: `nats://${address}` })).rejects.toMatchObject({ code: 'E_BUS_UNREACHABLE' })
  // A certificate of an authority that nobody named.
  await expect(user('observer')).rejects.toMatchObject({ code: 'E_BUS_UNREACHABLE' })
  const observer = await user('observer', { tls: { ca: join(bench.access, 'ca.pem') } })
  await expect(observer.append('incident.report', new Uint8Array(), {}, { id: 'x' })).rejects.toThrow()
  await observer.close()
})
