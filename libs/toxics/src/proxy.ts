// A TCP proxy in front of one upstream, with toxics. Which connections have them is decided by seed, in the order in which they are made.
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'
import { join } from './connection.ts'
import type { Toxic } from './toxic.ts'

export interface ToxicProxyOptions {
  /** The name is looked up for each connection. */
  upstream: { host: string; port: number }
  toxics: readonly Toxic[]
  seed: number
}

interface ToxicProxy extends AsyncDisposable {
  /** On 127.0.0.1. */
  port: number
  /** Resets what is open. */
  close(): Promise<void>
}

export async function serveToxicProxy({ upstream, toxics, seed }: ToxicProxyOptions): Promise<ToxicProxy> {
  const toxicity = fractions(seed)
  const open = new Set<Socket>()
  let connections = 0
  const server = createServer({ allowHalfOpen: true }, (client) => {
    // Each connection has a sequence of its own: bytes come when they come, and shift no other's choices.
    const fraction = fractions(seed + ++connections)
    const chosen = toxics.filter((toxic) => toxicity() < toxic.toxicity)
    const far = connect({ ...upstream, allowHalfOpen: true })
    for (const socket of [client, far]) {
      open.add(socket)
      socket.once('close', () => open.delete(socket))
    }
    join(client, far, chosen, fraction)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const close = async () => {
    for (const socket of open) socket.resetAndDestroy()
    if (server.listening) await new Promise((resolve) => server.close(resolve))
  }
  return { port: (server.address() as AddressInfo).port, close, [Symbol.asyncDispose]: close }
}

/** Seeded numbers from 0 to below 1. */
function fractions(seed: number): () => number {
  const generator = xoroshiro128plus(seed)
  return () => uniformFloat64(generator)
}
