import { once } from 'node:events'
import { createServer } from 'node:net'
import { expect, test } from 'vitest'
import { checkFree, freePort, freePorts } from './ports.ts'

test('every name has a port of its own, that a server can take', async () => {
  const { a, b, c } = await freePorts(['a', 'b', 'c'])
  expect(new Set([a, b, c]).size).toBe(3)
  for (const port of [a, b, c]) {
    await checkFree(port)
    await using server = createServer().listen(port, '127.0.0.1')
    await once(server, 'listening')
  }
})

test('ports come from below the range for outgoing connections', async () => {
  for (let i = 0; i < 20; i++) {
    const port = await freePort()
    expect(port).toBeGreaterThanOrEqual(15_000)
    expect(port).toBeLessThan(32_000)
  }
})

test('a port in use has its code', async () => {
  await using server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  await expect(checkFree(port)).rejects.toMatchObject({ code: 'E_PORT_IN_USE' })
})
