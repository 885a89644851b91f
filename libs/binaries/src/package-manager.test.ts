import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { fixture } from './fixture.ts'
import { packageManager } from './package-manager.ts'
import { natsServer, redisServer } from './program.ts'
import { redisSources } from './redis-server.ts'
import { search } from './search.ts'

const asRootOnLinux = process.platform === 'linux' && process.getuid?.() === 0
const log = () => {}

test.runIf(asRootOnLinux)('apt-get: the lists are updated if the package is not known, and the server comes without a start', async () => {
  await using files = await fixture()
  await files.script(
    'apt-get',
    `cd ${files.folder}
    echo "RUNLEVEL=$RUNLEVEL $*" >> calls
    case "$*" in
      *" update") touch updated ;;
      *--download-only*) [ -e updated ] || { echo 'E: Unable to locate package' >&2; exit 100; } ;;
      *) printf '#!/bin/sh\\necho "nats-server: v2.9.10"\\n' > nats-server; chmod 755 nats-server ;;
    esac`
  )
  const env = { PATH: `${files.folder}:${process.env.PATH}` }
  const found = await search(natsServer, [packageManager(natsServer, env)], { env, log })
  expect(found).toEqual({ path: join(files.folder, 'nats-server'), version: '2.9.10', source: 'apt-get' })
  const calls = (await readFile(join(files.folder, 'calls'), 'utf8')).trim().split('\n')
  expect(calls.map((call) => /--download-only|--no-download|update/.exec(call)?.[0])).toEqual([
    '--download-only',
    'update',
    '--download-only',
    '--no-download'
  ])
  for (const call of calls) expect(call).toMatch(/^RUNLEVEL=1 /)
})

test.runIf(process.platform === 'linux')('without apt-get the system offers nothing, and says so', async () => {
  await using files = await fixture()
  const env = { PATH: files.folder }
  await expect(search(redisServer, [packageManager(redisServer, env)], { env, log })).rejects.toMatchObject({
    code: 'E_NO_REDIS_SERVER',
    message: expect.stringContaining('apt-get: there is no apt-get')
  })
})

// Only as root, as in a container: a test does not install anything on the machine of somebody who has to give a password.
test.runIf(asRootOnLinux)(
  'apt-get gives a redis-server',
  async (context) => {
    const sources = redisSources(process.env).filter((source) => source.name === 'apt-get')
    const found = await search(redisServer, sources, { env: process.env, log }).catch((error: Error) => {
      if (/there is no apt-get|Unable to (fetch|locate)|Could not get lock/.test(error.message)) context.skip(error.message)
      throw error
    })
    expect(found).toMatchObject({ source: 'apt-get', version: expect.stringMatching(/^\d+\.\d+\.\d+$/) })
  },
  90_000
)
