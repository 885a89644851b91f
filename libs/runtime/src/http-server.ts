// What the runtime's two servers need beside node:http.
import { once } from 'node:events'
import type { Server } from 'node:http'

/** Of a request. */
export const maxBodyBytes = 1024 ** 2

/** Takes no more requests, cuts off those under way, and resolves when the port is free. */
export async function closeServer(server: Server): Promise<void> {
  if (!server.listening) return
  const closed = once(server, 'close')
  server.close()
  server.closeAllConnections()
  await closed
}
