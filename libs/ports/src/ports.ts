// Ports for servers that are started a moment later. They come from below the range that systems give to outgoing connections
// (Linux from 32768, macOS from 49152): a port from that range may be somebody's connection by the time the server listens.
import { once } from 'node:events'
import { createServer } from 'node:net'
import { TriageError } from '@triage/contracts'
import getPort from 'get-port'

const host = '127.0.0.1'
const lowest = 15_000
const highest = 32_000
const draws = 100

function* someWhere(): Generator<number> {
  for (let i = 0; i < draws; i++) yield lowest + Math.floor(Math.random() * (highest - lowest))
}

/** Nobody listens on it; this process is not given it again within 15 s. */
export const freePort = (): Promise<number> => getPort({ host, port: someWhere() })

/** A port for each name, all different. */
export async function freePorts<const N extends string>(names: readonly N[]): Promise<Record<N, number>> {
  const ports = {} as Record<N, number>
  for (const name of names) ports[name] = await freePort()
  return ports
}

/** @throws E_PORT_IN_USE */
export async function checkFree(port: number): Promise<void> {
  const server = createServer().listen(port, host)
  await once(server, 'listening').catch((error: NodeJS.ErrnoException) => {
    throw new TriageError('E_PORT_IN_USE', `port ${port} on ${host}: ${error.code}`)
  })
  server.close()
}
