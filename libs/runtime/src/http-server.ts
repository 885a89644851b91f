// What the runtime's two servers need beside node:http.
import { once } from 'node:events'
import type { IncomingMessage, Server } from 'node:http'

const maxBodyBytes = 1024 ** 2

/** The body of a request, at most 1 MiB. @param tooLong what is thrown when it is longer */
export async function readBody(request: IncomingMessage, tooLong: () => Error): Promise<Buffer> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > maxBodyBytes) throw tooLong()
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

/** Takes no more requests, cuts off those under way, and resolves when the port is free. */
export async function closeServer(server: Server): Promise<void> {
  if (!server.listening) return
  const closed = once(server, 'close')
  server.close()
  server.closeAllConnections()
  await closed
}
