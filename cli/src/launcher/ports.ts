import { once } from 'node:events'
import { createServer } from 'node:net'
import { TriageError } from '@triage/contracts'

async function listen(port: number): Promise<{ port: number; close: () => void }> {
  const server = createServer().listen(port, '127.0.0.1')
  await once(server, 'listening')
  return { port: (server.address() as { port: number }).port, close: () => server.close() }
}

/** Free ports, all different. */
export async function freePorts<const N extends string>(names: readonly N[]): Promise<Record<N, number>> {
  const held = await Promise.all(names.map(() => listen(0)))
  for (const { close } of held) close()
  return Object.fromEntries(names.map((name, i) => [name, held[i]!.port])) as Record<N, number>
}

/** Throws E_PORT_IN_USE. */
export async function checkFree(port: number): Promise<void> {
  const held = await listen(port).catch((error) => {
    throw new TriageError('E_PORT_IN_USE', `port ${port} on 127.0.0.1: ${(error as NodeJS.ErrnoException).code}`)
  })
  held.close()
}
