// A nats-server without streams, users or anything else of the product, for what is compared with NATS as it is.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { findNatsServer } from '@triage/binaries'
import { freePort } from '@triage/ports'

export async function startBareNats(log: (line: string) => void): Promise<{ url: string } & AsyncDisposable> {
  const { path } = await findNatsServer({ env: process.env, log })
  const port = await freePort()
  const child = spawn(path, ['--addr', '127.0.0.1', '--port', String(port)], { stdio: 'ignore' })
  const ended = once(child, 'exit')
  return {
    url: `nats://127.0.0.1:${port}`,
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL')
      await ended
    }
  }
}
