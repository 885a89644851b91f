import { execFileSync } from 'node:child_process'
import { hash } from 'node:crypto'
import { mkdir, readdir, readFile, rename } from 'node:fs/promises'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { keepInCache } from './cache.ts'
import { fixture } from './fixture.ts'
import { natsServer } from './program.ts'
import { downloadRelease, natsRelease, type Release, releasePlatform } from './release.ts'

async function serve(answer: RequestListener) {
  const server = createServer(answer)
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  const close = async () => {
    server.closeAllConnections()
    await new Promise((closed) => server.close(closed))
  }
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v9.8.7`, [Symbol.asyncDispose]: close }
}

/** An archive of the shape of a release, with a stand-in program. */
async function archive(folder: string, program: string): Promise<Buffer> {
  const name = `nats-server-v9.8.7-${releasePlatform}`
  await mkdir(join(folder, name))
  await rename(program, join(folder, name, 'nats-server'))
  execFileSync('tar', ['-czf', 'release.tar.gz', name], { cwd: folder })
  return readFile(join(folder, 'release.tar.gz'))
}

const pinned = (url: string, sha256: string): Release => ({
  version: '9.8.7',
  url,
  connect_ms: 5000,
  sha256: { [releasePlatform]: sha256 }
})
const signal = AbortSignal.timeout(60_000)
const fetchInto = (cache: string, release: Release) =>
  keepInCache(natsServer, cache, process.env, (folder) => downloadRelease(release, folder, process.env, signal))

test('a release with the pinned checksum goes into the cache, and nothing else stays there', async () => {
  await using files = await fixture()
  const bytes = await archive(files.folder, await files.nats('9.8.7'))
  await using server = await serve((_, response) => response.end(bytes))
  const cache = join(files.folder, 'cache')
  const path = await fetchInto(cache, pinned(server.url, hash('sha256', bytes)))
  expect(path).toBe(join(cache, 'nats-server-9.8.7'))
  expect(execFileSync(path, ['--version'], { encoding: 'utf8' })).toBe('nats-server: v9.8.7\n')
  expect(await readdir(cache)).toEqual(['nats-server-9.8.7'])
})

test('an altered release is refused and leaves nothing behind', async () => {
  await using files = await fixture()
  const bytes = await archive(files.folder, await files.nats('9.8.7'))
  await using server = await serve((_, response) => response.end(bytes))
  const cache = join(files.folder, 'cache')
  await expect(fetchInto(cache, pinned(server.url, '0'.repeat(64)))).rejects.toThrow('not the pinned 0000')
  expect(await readdir(cache)).toEqual([])
})

test('a host that accepts and never answers is given up, and named', async () => {
  await using files = await fixture()
  await using server = await serve(() => {})
  const release = { ...pinned(server.url, ''), sha256: { [releasePlatform]: 'any' }, connect_ms: 100 }
  await expect(fetchInto(files.folder, release)).rejects.toThrow(`${new URL(server.url).host}: no answer within 0.1 s`)
})

test('a host that refuses, or does not have it, is named', async () => {
  await using files = await fixture()
  const server = await serve((_, response) => response.writeHead(404).end())
  const release = pinned(server.url, 'any')
  const host = new URL(server.url).host
  await expect(fetchInto(files.folder, release)).rejects.toThrow(`${host}: status 404`)
  await server[Symbol.asyncDispose]()
  await expect(fetchInto(files.folder, release)).rejects.toThrow(`${host}: connect ECONNREFUSED`)
})

test('without a pinned checksum nothing is downloaded', async () => {
  await using files = await fixture()
  await expect(fetchInto(files.folder, { ...pinned('http://127.0.0.1:1', ''), sha256: {} })).rejects.toThrow(
    `no pinned checksum for ${releasePlatform}`
  )
})

test('the pins cover Linux and macOS, each with a checksum of its own', () => {
  const sums = Object.values(natsRelease.sha256)
  expect(Object.keys(natsRelease.sha256).sort()).toEqual(['darwin-amd64', 'darwin-arm64', 'linux-amd64', 'linux-arm64'])
  expect(new Set(sums).size).toBe(4)
  for (const sum of sums) expect(sum).toMatch(/^[0-9a-f]{64}$/)
})
