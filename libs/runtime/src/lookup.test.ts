import { createSocket } from 'node:dgram'
import { Resolver } from 'node:dns/promises'
import { once } from 'node:events'
import { connect, createServer, type LookupFunction } from 'node:net'
import { expect, test } from 'vitest'
import { lookup, namesFrom } from './lookup.ts'

const find = (by: LookupFunction, name: string): Promise<string> =>
  new Promise((resolve, reject) => by(name, {}, (error, address) => (error ? reject(error) : resolve(String(address)))))

test('a name for which nobody answers is given up soon', async () => {
  const silent = createSocket('udp4').bind(0, '127.0.0.1')
  await once(silent, 'listening')
  const resolver = new Resolver({ timeout: 200, tries: 1 })
  resolver.setServers([`127.0.0.1:${silent.address().port}`])
  await expect(find(namesFrom(resolver), 'gone')).rejects.toMatchObject({ code: 'ETIMEOUT' })
  silent.close()
})

test('a name of the hosts file is found, also by a connection', async () => {
  expect(await find(lookup, 'localhost')).toMatch(/^(127\.|::1$)/)
  const server = createServer((socket) => socket.end()).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  const socket = connect({ host: 'localhost', port, lookup })
  await once(socket, 'connect')
  socket.destroy()
  server.close()
})
