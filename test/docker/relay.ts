// An engine that goes away and comes back, without the real one doing so: a socket that passes everything on.
import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { connect, createServer, type Server, type Socket } from 'node:net'

export class Relay implements AsyncDisposable {
  readonly path: string
  readonly #engine: string
  readonly #open = new Set<Socket>()
  #server: Server | null = null

  /** @param engine path of the real socket */
  constructor(path: string, engine: string) {
    this.path = path
    this.#engine = engine
  }

  async open(): Promise<void> {
    this.#server = createServer((client) => {
      const engine = connect(this.#engine)
      for (const socket of [client, engine]) {
        this.#open.add(socket)
        socket
          .on('error', () => {})
          .on('close', () => {
            this.#open.delete(socket)
            client.destroy()
            engine.destroy()
          })
      }
      client.pipe(engine).pipe(client)
    }).listen(this.path)
    await once(this.#server, 'listening')
  }

  /** Nobody listens any more, and every connection breaks. */
  async close(): Promise<void> {
    if (!this.#server) return
    const closed = once(this.#server, 'close')
    this.#server.close()
    for (const socket of this.#open) socket.destroy()
    await closed
    this.#server = null
    rmSync(this.path, { force: true })
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}
