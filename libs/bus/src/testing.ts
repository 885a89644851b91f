// A real nats-server for a test, gone with the test: `await using server = await startNats()`.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findNatsServer } from '@triage/binaries'
import { freePort } from '@triage/ports'
import { connectNats } from './nats-bus.ts'
import { type Instances, provision } from './provision.ts'

export interface NatsServer extends AsyncDisposable {
  url: string
  /** Ends it at once, as a crash would, and starts it again on the same data. */
  crashAndRestart(): Promise<void>
}

const end = async (child: ChildProcess): Promise<void> => {
  const exited = once(child, 'exit')
  child.kill('SIGKILL')
  await exited
}

/** Starts a server with JetStream on a free port and creates the swarm's streams and consumers for these instances. */
export async function startNats(instances: Instances = {}): Promise<NatsServer> {
  const { path } = await findNatsServer({ env: process.env, log: (line) => process.stderr.write(`${line}\n`) })
  const dir = await mkdtemp(join(tmpdir(), 'triage-nats-'))
  const port = await freePort()
  const start = (): ChildProcess =>
    spawn(path, ['--addr', '127.0.0.1', '--port', String(port), '--jetstream', '--store_dir', dir], { stdio: 'ignore' })
  let child = start()
  const url = `nats://127.0.0.1:${port}`
  const bus = await connectNats({ url, name: 'provisioner' })
  await provision(bus.connection, instances)
  await bus.close()
  return {
    url,
    crashAndRestart: async () => {
      await end(child)
      child = start()
    },
    [Symbol.asyncDispose]: async () => {
      await end(child)
      await rm(dir, { recursive: true, force: true })
    }
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
