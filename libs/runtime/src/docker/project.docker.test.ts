// The driver and Docker Compose on one project: each must find what the other leaves as it expects it.

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Docker from 'dockerode'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readOperations } from '../op-log.ts'
import type { RuntimeInjector } from '../port.ts'
import { spec } from '../process/test-environment.ts'
import { until } from '../until.ts'
import type { BaselineServices, GoodService } from './baseline.ts'
import type { ContainerConfig } from './config.ts'
import { hashOf } from './fingerprint.ts'
import { docker, image, socket, TestProject } from './test-project.ts'

const sleeper = { image, command: ['sleep', 'infinity'], init: true, stop_grace_period: '1s' }
const engine = new Docker({ socketPath: socket })
const code = (code: string) => expect.objectContaining({ code })

let project: TestProject
let writer: RuntimeInjector
let injector: RuntimeInjector

beforeAll(async () => {
  project = await TestProject.start({
    web: {
      ...sleeper,
      environment: { SIZE: '5' },
      depends_on: ['store'],
      volumes: ['/var/cache/web', './compose.yaml:/etc/compose.yaml:ro'],
      networks: { default: { aliases: ['shop'] } }
    },
    store: { ...sleeper, init: false, healthcheck: { test: 'true', interval: '1s' } }
  })
  writer = project.as('writer')
  injector = project.as('injector')
})
afterAll(() => project?.[Symbol.asyncDispose]())

const set = async (change: (config: ContainerConfig) => void, name = 'web'): Promise<void> => {
  const config = JSON.parse((await writer.getConfig(name)).text) as ContainerConfig
  change(config)
  await writer.setConfig(name, JSON.stringify(config))
}
const restore = async () => writer.setConfig('web', (await writer.getConfig('web')).baseline!.text)
const inspect = async (service: string) => engine.getContainer((await project.ids(service))[0]!).inspect()
const network = () => `${project.name}_default`
const all = async () => [await project.ids('web'), await project.ids('store')]

test('a change of a mounted file is noticed, though it is no change of the container', async () => {
  const path = join(project.folder.path, 'compose.yaml')
  const [text, { config_hash }] = [readFileSync(path, 'utf8'), await writer.inspect('web')]
  writeFileSync(path, `${text} `)
  expect((await writer.configDiff('web')).paths).toEqual(['files./etc/compose.yaml'])
  await until('the hash', async () => (await writer.inspect('web')).config_hash !== config_hash)
  writeFileSync(path, text)
  expect((await writer.configDiff('web')).paths).toEqual([])
})

test('a container that was made anew is in the place of the old one, for compose too', async () => {
  const before = await inspect('web')
  await set(({ environment }) => {
    environment.SIZE = '0'
  })
  const after = await inspect('web')
  expect(after.Id).not.toBe(before.Id)
  expect(after.Name).toBe(before.Name)
  expect(after.Config.Labels).toEqual(before.Config.Labels)
  expect(after.Config.Env.toSorted()).toEqual(before.Config.Env.map((each) => each.replace('SIZE=5', 'SIZE=0')).toSorted())
  const aliases = (found: typeof before) =>
    found.NetworkSettings.Networks[network()]?.Aliases?.filter((alias: string) => !found.Id.startsWith(alias)).toSorted()
  expect(aliases(after)).toEqual(aliases(before))
  expect(aliases(after)).toEqual(expect.arrayContaining(['shop', 'web']))
  const volume = (found: typeof before) => found.Mounts.find(({ Destination }) => Destination === '/var/cache/web')?.Name
  expect(volume(after)).toBe(volume(before))
  const running = await all()
  await project.compose('up', '-d')
  expect(await all()).toEqual(running)
  expect(running.map((ids) => ids.length)).toEqual([1, 1])
  await restore()
})

test('a baseline from before limits were compared says nothing of them', async () => {
  const path = join(project.baseline, 'fingerprints.json')
  const text = readFileSync(path, 'utf8')
  const before = await writer.inspect('web')
  const good = JSON.parse(text) as BaselineServices<GoodService>
  const { 'limits.cpus': _, 'limits.memory_bytes': __, ...fingerprint } = good.services.web!.fingerprint
  const web = { ...good.services.web!, fingerprint, config_hash: hashOf(fingerprint) }
  writeFileSync(path, JSON.stringify({ ...good, services: { ...good.services, web } }))
  const after = await writer.inspect('web')
  expect(after.config_hash).not.toBe(before.config_hash)
  expect(after.config_hash).toBe(after.baseline_config_hash)
  expect((await writer.configDiff('web')).paths).toEqual([])
  writeFileSync(path, text)
  await set((config) => {
    config.limits.memory_bytes = 64 * 1024 ** 2
  })
  expect((await writer.configDiff('web')).paths).toEqual(['limits.memory_bytes'])
  const { limits: ___, ...old } = JSON.parse((await writer.getConfig('web')).baseline!.text) as ContainerConfig
  await writer.setConfig('web', JSON.stringify(old))
  expect((await inspect('web')).HostConfig.Memory).toBe(64 * 1024 ** 2)
  await restore()
  expect((await inspect('web')).HostConfig).toMatchObject({ Memory: 0, MemorySwap: 0 })
})

test('a file that is changed takes the place of its mount', async () => {
  await set(({ files }) => {
    files['/etc/compose.yaml'] = 'changed'
  })
  expect(await project.compose('exec', '-T', 'web', 'cat', '/etc/compose.yaml')).toBe('changed')
  await set(({ environment }) => {
    environment.SIZE = '7'
  })
  expect((await writer.configDiff('web')).paths.toSorted()).toEqual(['environment.SIZE', 'files./etc/compose.yaml'])
  await restore()
  expect((await writer.configDiff('web')).paths).toEqual([])
  expect(await project.compose('exec', '-T', 'web', 'cat', '/etc/compose.yaml')).toBe(
    readFileSync(join(project.folder.path, 'compose.yaml'), 'utf8')
  )
})

test('what cannot be started is not put in the place of what runs', async () => {
  const before = await all()
  const { Name } = await inspect('store')
  const missing = set((config) => {
    config.image = 'triage-test-no-such-image:1'
  }, 'store')
  await expect(missing).rejects.toEqual(code('E_RUNTIME_IMAGE_MISSING'))
  const failing = set((config) => {
    config.entrypoint = ['/no-such-program']
  }, 'store')
  await expect(failing).rejects.toEqual(code('E_RUNTIME_FAILED'))
  expect(await all()).toEqual(before)
  expect(await inspect('store')).toMatchObject({ Name, State: { Running: true } })
  expect(await writer.inspect('store')).toMatchObject({ status: 'running', replicas: { desired: 1, running: 1 } })
})

test('a replacement that was cut off is finished by the next one', async () => {
  const { Id, Name, Config, HostConfig } = await inspect('web')
  // As it is after a kill before the new container was started, and after one before the old one was removed.
  const made = `${Id.slice(0, 12)}_${Name.slice(1)}`
  for (const name of [made, `${made}_old`]) await engine.createContainer({ ...Config, name, HostConfig })
  expect(await writer.inspect('web')).toMatchObject({ status: 'running', replicas: { running: 1 } })
  await set(({ environment }) => {
    environment.SIZE = '8'
  })
  const [id, ...others] = await project.ids('web')
  expect(others).toEqual([])
  expect((await engine.getContainer(id!).inspect()).Name).toBe(Name)
  // After one between the two renamings.
  await engine.getContainer(id!).stop()
  await engine.getContainer(id!).rename({ name: `${made}_old` })
  await writer.start('web')
  await restore()
  expect((await inspect('web')).Name).toBe(Name)
  expect((await writer.configDiff('web')).paths).toEqual([])
})

test('scale makes and removes containers as compose does, and keeps the last one', async () => {
  await writer.scale('web', 3)
  expect(await writer.inspect('web')).toMatchObject({ replicas: { desired: 1, running: 3 } })
  const three = await project.ids('web')
  const rows = (await project.compose('ps', '--format', 'json', 'web')).trim().split('\n')
  const names = rows.map((row) => (JSON.parse(row) as { Name: string }).Name)
  expect(names.toSorted()).toEqual([1, 2, 3].map((number) => `${project.name}-web-${number}`))
  await project.compose('up', '-d', '--scale', 'web=3')
  expect((await project.ids('web')).toSorted()).toEqual(three.toSorted())
  await writer.scale('web', 1)
  expect(await writer.inspect('web')).toMatchObject({ replicas: { desired: 1, running: 1 } })
  await writer.scale('web', 0)
  expect(await writer.inspect('web')).toMatchObject({ status: 'exited', replicas: { desired: 1, running: 0 } })
  await writer.scale('web', 1)
  expect((await writer.inspect('web')).status).toBe('running')
  await expect(writer.scale('web', 101)).rejects.toEqual(code('E_RUNTIME_UNSUPPORTED'))
})

test('a service whose containers are gone is absent, and is started again as it was when all was well', async () => {
  await project.compose('up', '-d', '--scale', 'web=0')
  expect(await project.ids('web')).toEqual([])
  expect(await writer.inspect('web')).toMatchObject({ status: 'absent', depends_on: ['store'], replicas: { desired: 1, running: 0 } })
  expect((await writer.list()).map(({ name }) => name).toSorted()).toEqual(['store', 'web'])
  await expect(project.as('reader').start('web')).rejects.toEqual(code('E_RUNTIME_FORBIDDEN'))
  await writer.start('web')
  expect(await writer.inspect('web')).toMatchObject({ status: 'running', replicas: { desired: 1, running: 1 } })
  expect((await writer.configDiff('web')).paths).toEqual([])
  const ids = await all()
  await project.compose('up', '-d')
  expect(await all()).toEqual(ids)
})

test('a service that lost its network gets it back with its names', async () => {
  await writer.detachNetwork('web', 'default')
  await writer.detachNetwork('web', network())
  expect(await writer.inspect('web')).toMatchObject({ status: 'running', networks: [], lost_networks: [network()] })
  await writer.attachNetwork('web', 'default')
  await writer.attachNetwork('web', 'default')
  const found = await writer.inspect('web')
  expect(found.networks).toEqual([network()])
  expect(found.lost_networks).toBeUndefined()
  const { Aliases } = (await inspect('web')).NetworkSettings.Networks[network()]!
  expect(Aliases).toEqual(expect.arrayContaining(['shop', 'web', `${project.name}-web-1`]))
  await expect(writer.attachNetwork('web', 'elsewhere')).rejects.toEqual(code('E_RUNTIME_UNKNOWN_TARGET'))
})

test('what is paused says so, and start, stop and restart see to it', async () => {
  await expect(writer.pause('web')).rejects.toEqual(code('E_RUNTIME_FORBIDDEN'))
  const { run_id } = await writer.inspect('web')
  await injector.pause('web')
  expect((await writer.inspect('web')).status).toBe('paused')
  await writer.start('web')
  expect(await writer.inspect('web')).toMatchObject({ status: 'running', run_id })
  await injector.pause('web')
  await writer.restart('web')
  expect((await writer.inspect('web')).status).toBe('running')
  await injector.pause('web')
  await writer.stop('web')
  expect((await writer.inspect('web')).status).toBe('exited')
  await writer.start('web')
  await injector.pause('web')
  await injector.unpause('web')
  expect((await writer.inspect('web')).status).toBe('running')
})

test('compose does not see what was launched beside a service', async () => {
  const before = await all()
  await injector.launch(spec('hog', ['sleep', 'infinity'], { cwd: '/' }), 'web')
  expect((await project.compose('ps', '--all', '--quiet')).trim().split('\n').toSorted()).toEqual(before.flat().toSorted())
  await project.compose('up', '-d')
  expect(await all()).toEqual(before)
  expect(await injector.inspect('hog')).toMatchObject({ status: 'running', managed: false, beside: 'web' })
  await injector.remove('hog')
})

test('effects are recorded with who caused them and the idempotency key', async () => {
  await writer.restart('web', { idempotency_key: 'key-1' })
  expect(readOperations(project.folder.path).at(-1)).toMatchObject({ op: 'restart', name: 'web', by: 'writer', idempotency_key: 'key-1' })
})

test('a project that is taken down while it is looked at is absent, and it can be taken down', async () => {
  expect((await writer.inspect('store')).health).toBeDefined()
  await injector.launch(spec('hog', ['sleep', 'infinity'], { cwd: '/' }), 'web')
  await project.compose('down', '--timeout', '0', '--remove-orphans')
  expect(await docker('network', 'ls', '--quiet', '--filter', `name=${network()}`)).toBe('')
  expect((await writer.list()).filter(({ managed }) => managed).map(({ status }) => status)).toEqual(['absent', 'absent'])
})
