import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Authority } from './certificates.ts'
import { startNats } from './testing.ts'

let folder: string
const path = (name: string): string => join(folder, name)
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'triage-tls-'))
  const [ca, stranger] = [await Authority.create('ca', 1), await Authority.create('stranger', 1)]
  await writeFile(path('ca.pem'), ca.cert)
  await writeFile(path('stranger.pem'), stranger.cert)
  for (const [name, authority] of [
    ['server', ca],
    ['client', ca],
    ['forged', stranger]
  ] as const) {
    const { cert, key } = await authority.issue(name, ['127.0.0.1'])
    await writeFile(path(`${name}.pem`), cert)
    await writeFile(path(`${name}.key`), key, { mode: 0o600 })
  }
})
afterAll(async () => rm(folder, { recursive: true, force: true }))

const own = (name: string) => ({ cert: path(`${name}.pem`), key: path(`${name}.key`) })
const impatient = { connectTimeoutMs: 1_000 }

test('on a server with certificates a user with one of its own speaks encrypted; without it, or with another authority, nobody does', async () => {
  await using server = await startNats({}, { tls: { ...own('server'), ca: path('ca.pem') } })
  const gateway = await server.connect('gateway', { tls: { ...own('client'), ca: path('ca.pem') } })
  expect(gateway.connection.info?.tls_required).toBe(true)
  expect(await gateway.append('incident.inc-20260101-1.opened', new Uint8Array([1]), {}, { id: 'm' })).toMatchObject({ seq: 1 })
  for (const tls of [
    { ca: path('ca.pem') },
    own('client'),
    { ...own('client'), ca: path('stranger.pem') },
    { ...own('forged'), ca: path('ca.pem') }
  ])
    await expect(server.connect('gateway', { ...impatient, tls })).rejects.toMatchObject({ code: 'E_BUS_UNREACHABLE' })
  // It is for the address that it was issued for.
  const url = server.url.replace('127.0.0.1', 'localhost')
  const tls = { ...own('client'), ca: path('ca.pem') }
  await expect(server.connect('gateway', { ...impatient, url, tls })).rejects.toMatchObject({ code: 'E_BUS_UNREACHABLE' })
})

test('a tls:// address is never spoken to without encryption', async () => {
  await using server = await startNats()
  const url = server.url.replace('nats:', 'tls:')
  await expect(server.connect('gateway', { ...impatient, url })).rejects.toMatchObject({ code: 'E_BUS_UNREACHABLE' })
})

test('another machine is only spoken to encrypted; nonsense is no address', async () => {
  await using server = await startNats()
  for (const url of ['nats://192.0.2.1:4222', 'nats://nats.example:4222', 'nats://127.0.0.1.example:4222', 'nats://[2001:db8::1]:4222'])
    await expect(server.connect('gateway', { url })).rejects.toMatchObject({ code: 'E_BUS_PLAINTEXT' })
  for (const url of ['127.0.0.1:4222', 'http://127.0.0.1:4222', ''])
    await expect(server.connect('gateway', { url })).rejects.toMatchObject({ code: 'E_CONFIG' })
})
