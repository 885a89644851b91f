import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { fixture } from './fixture.ts'
import { findRedisServer } from './redis-server.ts'

const log = () => {}
const banner = 'echo "Redis server v=7.0.15 sha=00000000:0 malloc=jemalloc-5.3.0 bits=64 build=0"'

test('one on PATH, with the redis-cli beside it', async () => {
  await using files = await fixture()
  const path = await files.script('redis-server', banner)
  const cli = await files.script('redis-cli', 'exit 0')
  expect(await findRedisServer({ env: { PATH: files.folder }, log })).toEqual({ path, cli, version: '7.0.15', source: 'PATH' })
})

test('REDIS_SERVER is obeyed; redis-cli may be elsewhere on PATH', async () => {
  await using files = await fixture()
  await mkdir(join(files.folder, 'opt'))
  const path = await files.script('opt/my-redis', banner)
  const cli = await files.script('redis-cli', 'exit 0')
  const found = await findRedisServer({ env: { PATH: files.folder, REDIS_SERVER: path }, log })
  expect(found).toEqual({ path, cli, version: '7.0.15', source: 'REDIS_SERVER' })
})

test('REDIS_SERVER that is something else is an error', async () => {
  await using files = await fixture()
  const REDIS_SERVER = await files.nats('2.15.1')
  await expect(findRedisServer({ env: { PATH: process.env.PATH, REDIS_SERVER }, log })).rejects.toMatchObject({
    code: 'E_NO_REDIS_SERVER',
    message: expect.stringContaining('REDIS_SERVER is set to')
  })
})
