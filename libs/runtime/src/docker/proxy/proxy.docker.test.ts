// What the proxy lets through and what it does not, asked of it as a client would that does not use our driver.
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { bodyOf, send } from '../../http.ts'
import type { Credential } from '../../op-log.ts'
import { buildNetadminImage, docker, image, netadminImage, socket, TestProject } from '../test-project.ts'
import { serveDockerProxy } from './proxy.ts'

let project: TestProject
let web: Record<string, unknown> & { Id: string; Config: Record<string, unknown>; HostConfig: Record<string, unknown> }
/** A container of somebody else. */
const stranger = `triage-test-${randomUUID().slice(0, 8)}`

const sleeper = { image, command: ['sleep', 'infinity'], init: true, stop_grace_period: '1s' }

beforeAll(async () => {
  await buildNetadminImage()
  project = await TestProject.start({
    web: { ...sleeper, environment: { PASSWORD: 'hunter2' }, volumes: ['./compose.yaml:/etc/compose.yaml:ro'], secrets: [] },
    store: { ...sleeper, mem_limit: '64m', cpus: 0.5 }
  })
  await docker('run', '--detach', '--name', stranger, '--label', `com.docker.compose.project=${stranger}`, image, 'sleep', 'infinity')
  web = JSON.parse((await ask('writer', 'GET', `/containers/${project.name}-web-1/json`)).body) as typeof web
})
afterAll(async () => {
  await docker('rm', '--force', stranger)
  await project?.[Symbol.asyncDispose]()
})

async function ask(credential: Credential, method: string, path: string, body?: unknown): Promise<{ status: number; body: string }> {
  const answer = await send(`${project.proxy.url}/v1.41${path}`, {
    method,
    headers: { authorization: `Bearer ${project.tokens[credential]}`, 'content-type': 'application/json' },
    signal: AbortSignal.timeout(20_000),
    ...(body !== undefined && { body: JSON.stringify(body) })
  })
  return { status: answer.statusCode!, body: await bodyOf(answer) }
}
const status = async (...request: Parameters<typeof ask>) => (await ask(...request)).status
const webName = () => `${project.name}-web-1`
const bodyLike = (change: object = {}, host: object = {}) => ({ ...web.Config, HostConfig: { ...web.HostConfig, ...host }, ...change })

test('without a valid token nothing is let through', async () => {
  for (const authorization of ['', 'Bearer ', 'Bearer wrong', project.tokens.writer]) {
    const answer = await send(`${project.proxy.url}/_ping`, { headers: { authorization }, signal: AbortSignal.timeout(5000) })
    expect(answer.statusCode).toBe(403)
    answer.resume()
  }
  expect(await status('reader', 'GET', '/_ping')).toBe(200)
})

test('of its machine the engine tells the time, and nothing else', async () => {
  for (const credential of ['reader', 'writer', 'injector'] as const)
    expect(Object.keys(JSON.parse((await ask(credential, 'GET', '/info')).body))).toEqual(['SystemTime'])
  expect(Math.abs((await project.as('reader').clock()) - Date.now())).toBeLessThan(60_000)
})

test.each([
  ['GET', '/images/json'],
  ['POST', '/images/create?fromImage=x'],
  ['POST', '/build'],
  ['GET', '/secrets'],
  ['GET', '/containers/json/../../secrets'],
  ['GET', '/containers/%2e%2e/secrets'],
  ['GET', '/containers/x%2F..%2F..%2Finfo/json'],
  ['POST', '/containers/prune'],
  ['POST', '/volumes/prune'],
  ['DELETE', '/images/x'],
  ['POST', '/swarm/init'],
  ['POST', '/commit?container=x'],
  ['GET', '//containers/json'],
  ['POST', '/session'],
  ['GET', '/containers/%zz/json']
])('%s %s is refused to everybody', async (method, path) => {
  for (const credential of ['reader', 'injector'] as const) expect(await status(credential, method, path)).toBeGreaterThanOrEqual(400)
})

test('lists and events tell of the project alone, whatever the client asks for', async () => {
  for (const filters of ['', `&filters=${encodeURIComponent(JSON.stringify({ label: [] }))}`, '&filters={}']) {
    const { body } = await ask('reader', 'GET', `/containers/json?all=1${filters}`)
    expect(body).toContain(webName())
    expect(body).not.toContain(stranger)
  }
  const foreign = encodeURIComponent(JSON.stringify({ label: [`com.docker.compose.project=${stranger}`] }))
  expect((await ask('reader', 'GET', `/containers/json?all=1&filters=${foreign}`)).body.trim()).toBe('[]')
  expect((await ask('reader', 'GET', '/networks')).body).not.toContain('"Name":"bridge"')
})

test('containers of others are out of reach', async () => {
  for (const path of ['json', 'logs?stdout=1', 'stats?stream=0', 'archive?path=/etc/passwd']) {
    expect(await status('injector', 'GET', `/containers/${stranger}/${path}`)).toBe(403)
  }
  for (const verb of ['start', 'stop', 'kill', 'restart', 'pause'])
    expect(await status('injector', 'POST', `/containers/${stranger}/${verb}`)).toBe(403)
  expect(await status('injector', 'DELETE', `/containers/${stranger}?force=1`)).toBe(403)
  expect(await status('writer', 'POST', '/networks/bridge/connect', { Container: web.Id })).toBe(403)
  expect(await status('writer', 'POST', `/networks/${project.name}_default/connect`, { Container: stranger })).toBe(403)
  expect(await status('writer', 'GET', '/containers/nobody/json')).toBe(404)
})

test('a reader sees digests in the place of values and files', async () => {
  const { body } = await ask('reader', 'GET', `/containers/${webName()}/json`)
  expect(body).toContain('PASSWORD=redacted:sha256:')
  expect(body).not.toContain('hunter2')
  const file = await ask('reader', 'GET', `/containers/${webName()}/archive?path=/etc/compose.yaml`)
  expect(file.status).toBe(200)
  expect(file.body).toMatch(/^"redacted:sha256:[0-9a-f]{64}"$/)
  expect(await status('reader', 'GET', `/containers/${webName()}/archive?path=/etc/passwd`)).toBe(403)
  expect(await status('writer', 'GET', `/containers/${webName()}/archive?path=/etc/passwd`)).toBe(403)
})

describe('a container may be created', () => {
  const create = (credential: Credential, body: object) => ask(credential, 'POST', `/containers/create?name=${project.name}-made`, body)

  test('like one of its service, and files are put into it before its first start alone', async () => {
    expect((await create('reader', bodyLike())).status).toBe(403)
    const { status: created, body } = await create('writer', bodyLike({ Env: ['PASSWORD=other'] }))
    expect({ created, body }).toMatchObject({ created: 201 })
    const { Id } = JSON.parse(body) as { Id: string }
    expect(await status('writer', 'PUT', `/containers/${webName()}/archive?path=/`, {})).toBe(403)
    expect(await status('writer', 'DELETE', `/containers/${Id}?v=1`)).toBe(403)
    expect(await status('writer', 'DELETE', `/containers/${Id}`)).toBe(204)
    expect(await status('writer', 'DELETE', `/containers/${webName()}?force=1`)).toBe(403)
  })

  test('with no more power than that one had', async () => {
    const labels = web.Config.Labels as object
    const bodies: object[] = [
      {},
      { Image: image },
      bodyLike({}, { Privileged: true }),
      bodyLike({}, { CapAdd: ['SYS_ADMIN'] }),
      bodyLike({}, { PidMode: 'host' }),
      bodyLike({}, { NetworkMode: 'host' }),
      bodyLike({}, { Binds: ['/:/host'] }),
      bodyLike({}, { Mounts: [{ Type: 'bind', Source: '/', Target: '/host' }] }),
      bodyLike({}, { Devices: [{ PathOnHost: '/dev/mem', PathInContainer: '/dev/mem', CgroupPermissions: 'rwm' }] }),
      bodyLike({ User: '0:0' }),
      bodyLike({ NetworkingConfig: { EndpointsConfig: { bridge: {} } } }),
      bodyLike({ Labels: { ...labels, 'com.docker.compose.project': stranger } }),
      bodyLike({ Labels: { ...labels, 'com.docker.compose.service': 'other' } }),
      bodyLike({ HostConfig: undefined }),
      bodyLike({ hostconfig: { Privileged: true } }),
      bodyLike({ NetworkingConfig: { endpointsconfig: { bridge: {} } } })
    ]
    for (const body of bodies) expect({ body, status: (await create('writer', body)).status }).toEqual({ body, status: 403 })
  })

  test('beside a service by the injector alone, and with nothing but its network', async () => {
    const labels = { 'com.docker.compose.project': project.name, 'triage.launched': 'hog', 'triage.beside': 'web' }
    const hog = { Image: image, Labels: labels, HostConfig: { NetworkMode: `container:${web.Id}` } }
    expect((await create('writer', hog)).status).toBe(403)
    for (const change of [
      { HostConfig: { ...hog.HostConfig, Privileged: true } },
      { HostConfig: { NetworkMode: 'host' } },
      { HostConfig: { NetworkMode: `container:${stranger}` } },
      { Image: 'redis:8' },
      { Labels: { ...labels, 'com.docker.compose.service': 'web' } }
    ]) {
      expect((await create('injector', { ...hog, ...change })).status).toBe(403)
    }
    expect((await create('injector', { ...hog, HostConfig: { ...hog.HostConfig, Binds: ['/:/host'] } })).status).toBe(403)
    expect((await create('injector', hog)).status).toBe(201)
    expect(await status('writer', 'DELETE', `/containers/${project.name}-made`)).toBe(403)
    expect(await status('injector', 'DELETE', `/containers/${project.name}-made`)).toBe(204)
  })
})

describe('what may be given less', () => {
  const MiB = 1024 ** 2
  let number = 1
  const createStore = async (credential: Credential, limits: object) => {
    const { body } = await ask('writer', 'GET', `/containers/${project.name}-store-1/json`)
    const { Config, HostConfig } = JSON.parse(body) as typeof web
    return status(credential, 'POST', `/containers/create?name=${project.name}-store-${++number}`, {
      ...Config,
      HostConfig: { ...HostConfig, ...limits }
    })
  }

  test('gets no more memory and CPU than it was seen to have', async () => {
    for (const credential of ['writer', 'injector'] as const) {
      for (const more of [
        { Memory: 65 * MiB, MemorySwap: 128 * MiB },
        { Memory: 0, MemorySwap: 0 },
        { Memory: 64 * MiB, MemorySwap: -1 },
        { MemorySwap: 129 * MiB },
        { NanoCpus: 6e8 },
        { NanoCpus: 0 },
        { Memory: 32 * MiB, MemorySwap: 64 * MiB, CpuShares: 4096 },
        { Memory: 32 * MiB, MemorySwap: 64 * MiB, OomKillDisable: true }
      ])
        expect({ more, status: await createStore(credential, more) }).toEqual({ more, status: 403 })
      expect(await createStore(credential, { Memory: 32 * MiB, MemorySwap: 64 * MiB, NanoCpus: 1e8 })).toBe(201)
    }
    // One that has less does not lower what was seen.
    expect(await createStore('writer', {})).toBe(201)
  })
})

describe('a network may be changed', () => {
  const rights = ['NET_ADMIN', 'NET_RAW']
  const helper = () => ({
    Image: netadminImage,
    User: '0:0',
    Cmd: ['true'],
    Labels: { 'com.docker.compose.project': project.name, 'triage.beside': 'web' },
    HostConfig: { NetworkMode: `container:${web.Id}`, CapAdd: rights }
  })
  const create = (credential: Credential, body: object) =>
    status(credential, 'POST', `/containers/create?name=${project.name}-helper`, body)

  test('by the injector alone, in one image, with these two rights and no other', async () => {
    for (const credential of ['reader', 'writer'] as const) expect(await create(credential, helper())).toBe(403)
    const host = helper().HostConfig
    for (const change of [
      { Image: image },
      { Image: 'redis:8' },
      { HostConfig: { ...host, CapAdd: ['NET_ADMIN', 'NET_RAW', 'SYS_ADMIN'] } },
      { HostConfig: { ...host, CapAdd: ['ALL'] } },
      { HostConfig: { ...host, Privileged: true } },
      { HostConfig: { ...host, PidMode: 'host' } },
      { HostConfig: { ...host, PidMode: `container:${web.Id}` } },
      { HostConfig: { ...host, IpcMode: 'host' } },
      { HostConfig: { ...host, NetworkMode: 'host' } },
      { HostConfig: { ...host, NetworkMode: `container:${stranger}` } },
      { HostConfig: { ...host, Binds: ['/:/host'] } },
      { HostConfig: { ...host, Mounts: [{ Type: 'bind', Source: '/', Target: '/host' }] } },
      { HostConfig: { ...host, VolumesFrom: [web.Id] } },
      { HostConfig: { ...host, Devices: [{ PathOnHost: '/dev/mem', PathInContainer: '/dev/mem', CgroupPermissions: 'rwm' }] } },
      { HostConfig: { ...host, SecurityOpt: ['seccomp=unconfined'] } },
      { NetworkingConfig: { EndpointsConfig: { bridge: {} } } }
    ])
      expect({ change, status: await create('injector', { ...helper(), ...change }) }).toEqual({ change, status: 403 })
    expect(await create('injector', helper())).toBe(201)
    expect(await status('writer', 'POST', `/containers/${project.name}-helper/wait`)).toBe(403)
    expect(await status('writer', 'DELETE', `/containers/${project.name}-helper`)).toBe(403)
    expect(await status('injector', 'DELETE', `/containers/${project.name}-helper`)).toBe(204)
  })

  test('by nobody where the proxy knows no such image', async () => {
    const { tokens, name } = project
    await using proxy = await serveDockerProxy({ socket, project: name, tokens, host: '127.0.0.1', port: 0 })
    for (const Image of [netadminImage, '']) {
      const answer = await send(`${proxy.url}/containers/create?name=${name}-helper`, {
        method: 'POST',
        headers: { authorization: `Bearer ${tokens.injector}`, 'content-type': 'application/json' },
        signal: AbortSignal.timeout(5000),
        body: JSON.stringify({ ...helper(), Image })
      })
      answer.resume()
      expect(answer.statusCode).toBe(403)
    }
  })

  test('and no reader is told what was launched for', async () => {
    const launched = { ...helper(), Labels: { ...helper().Labels, 'triage.launched': 'reindex' }, Cmd: ['sleep', '1234'] }
    expect(await create('injector', launched)).toBe(201)
    for (const path of [`${project.name}-helper/json`, 'json?all=1']) {
      const { body } = await ask('reader', 'GET', `/containers/${path}`)
      expect(body).toContain('reindex')
      expect(body).not.toContain('1234')
      expect(body).not.toContain(netadminImage)
    }
    expect(await status('injector', 'DELETE', `/containers/${project.name}-helper`)).toBe(204)
  })
})

test('of a key that is there twice, the one that was checked is sent', async () => {
  const [first, second] = [bodyLike({}, { CapAdd: ['SYS_ADMIN'], Privileged: true }), bodyLike()]
  const twice = `{"HostConfig":${JSON.stringify(first.HostConfig)},${JSON.stringify(second).slice(1)}`
  const answer = await send(`${project.proxy.url}/containers/create?name=${project.name}-twice`, {
    method: 'POST',
    headers: { authorization: `Bearer ${project.tokens.writer}`, 'content-type': 'application/json' },
    signal: AbortSignal.timeout(5000),
    body: twice
  })
  expect({ status: answer.statusCode, body: await bodyOf(answer) }).toMatchObject({ status: 201 })
  const made = await ask('writer', 'GET', `/containers/${project.name}-twice/json`)
  expect(JSON.parse(made.body)).toMatchObject({ HostConfig: { Privileged: false, CapAdd: null } })
  expect(await status('writer', 'DELETE', `/containers/${project.name}-twice`)).toBe(204)
})

test('a command is run only if it is on the list of the container, and only by whoever made it', async () => {
  const exec = (body: object) => status('writer', 'POST', `/containers/${webName()}/exec`, body)
  expect(await exec({ Cmd: ['sh'], AttachStdout: true })).toBe(403)
  expect(await exec({ AttachStdout: true })).toBe(403)
  expect(await exec({ Cmd: ['echo'], cmd: ['sh'] })).toBe(403)
  const byInjector = (Cmd: string[]) => status('injector', 'POST', `/containers/${webName()}/exec`, { Cmd })
  const freeze = ['sh', '-c', 'kill -STOP -1']
  for (const Cmd of [freeze, ['freeze']]) expect(await exec({ Cmd })).toBe(403)
  for (const Cmd of [['sh'], [...freeze, 'x'], ['sh', '-c', 'kill -KILL -1'], ['freeze']]) expect(await byInjector(Cmd)).toBe(403)
  expect(await byInjector(freeze)).toBe(201)
  expect(await status('injector', 'POST', `/exec/${'0'.repeat(64)}/start`, {})).toBe(403)
})

test('what is no request is answered, and the proxy stays', async () => {
  expect(await status('writer', 'POST', '/containers/create', 'x')).toBe(400)
  expect(await status('writer', 'POST', '/containers/create', { Env: ['x'.repeat(2 * 1024 ** 2)] })).toBeGreaterThanOrEqual(400)
  expect(await status('reader', 'GET', '/containers/json?filters=[')).toBe(400)
  expect(await status('reader', 'GET', '/_ping')).toBe(200)
})
