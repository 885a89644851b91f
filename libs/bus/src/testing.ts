// A real nats-server for a test, with its users and their permissions, gone with the test: `await using server = await startNats()`.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findNatsServer } from '@triage/binaries'
import { freePort } from '@triage/ports'
import type { NatsOptions } from './connect.ts'
import { type Instances, type User, users } from './layout.ts'
import { connectNats } from './nats-bus.ts'
import { createNkeys, seedPath } from './nkeys.ts'
import { provision } from './provision.ts'
import { type ServerOptions, serverConfig } from './server-config.ts'

/** May do anything, and exists in tests only: sets the stage, and looks where no role may. */
const root = 'root'

export interface NatsServer extends AsyncDisposable {
  url: string
  /** Folder of the users' seeds. */
  nkeys: string
  /** A user's connection; it is closed with the server. */
  connect(user: User | typeof root, options?: Partial<NatsOptions>): ReturnType<typeof connectNats>
  /** Ends it at once, as a crash would, and starts it again on the same data. */
  crashAndRestart(): Promise<void>
}

const end = async (child: ChildProcess): Promise<void> => {
  const exited = once(child, 'exit')
  child.kill('SIGKILL')
  await exited
}

/** Starts a server with JetStream on a free port and creates the swarm's streams and consumers for these instances. */
export async function startNats(instances: Instances = {}, options: Pick<ServerOptions, 'tls'> = {}): Promise<NatsServer> {
  const { path } = await findNatsServer({ env: process.env, log: (line) => process.stderr.write(`${line}\n`) })
  const dir = await mkdtemp(join(tmpdir(), 'triage-nats-'))
  const port = await freePort()
  const nkeys = join(dir, 'nkeys')
  const keys = createNkeys(nkeys, [...users, root]) as Record<User | typeof root, string>
  const config = serverConfig({ listen: `127.0.0.1:${port}`, store: dir, keys, instances, ...options })
  config.authorization.users.push({ nkey: keys[root] })
  await writeFile(join(dir, 'nats.json'), JSON.stringify(config))
  const start = (): ChildProcess => spawn(path, ['-c', join(dir, 'nats.json')], { stdio: 'ignore' })
  let child = start()
  const url = `${options.tls ? 'tls' : 'nats'}://127.0.0.1:${port}`
  // The server's own certificate will do where it asks for one.
  const { tls } = options
  const connected: Awaited<ReturnType<typeof connectNats>>[] = []
  const server: NatsServer = {
    url,
    nkeys,
    connect: async (user, more = {}) => {
      const bus = await connectNats({ url, user, nkey: seedPath(nkeys, user), tls, ...more })
      connected.push(bus)
      return bus
    },
    crashAndRestart: async () => {
      await end(child)
      child = start()
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all(connected.map((bus) => bus.close()))
      await end(child)
      await rm(dir, { recursive: true, force: true })
    }
  }
  try {
    const provisioner = await server.connect('provisioner')
    await provision(provisioner.connection, instances)
    await provisioner.close()
    return server
  } catch (error) {
    await server[Symbol.asyncDispose]()
    throw error
  }
}

/** Waits until a condition holds; says what it waited for when it does not in time. */
export async function until<T>(what: string, condition: () => T | Promise<T>, timeoutMs = 30_000): Promise<NonNullable<T>> {
  const deadline = performance.now() + timeoutMs
  for (;;) {
    const value = await condition()
    if (value) return value
    if (performance.now() > deadline) throw new Error(`waited ${timeoutMs} ms in vain for ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
