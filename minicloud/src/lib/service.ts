import { flushCompileCache } from 'node:module'
import type { FastifyInstance } from 'fastify'
import type { Listen } from './config.ts'
import { type Logger, logger } from './log.ts'

export interface Service {
  http: FastifyInstance
  /** Lets go of what the service holds, after the last request was answered. */
  stop?(): Promise<unknown>
}

/** A stop that takes longer than this is cut short, in milliseconds. */
const stopTimeoutMs = 1800

/**
 * One service's life: `build` makes it from its settings, it listens, SIGTERM drains it and exits 0.
 * Whatever nobody caught is a fatal line and exit code 1.
 */
export async function run(name: string, build: (log: Logger) => Service & Listen): Promise<void> {
  const log = logger(name)
  process.on('uncaughtException', (error) => {
    log.failure('fatal', `${name} died`, error)
    process.exit(1)
  })
  const { http, port, host = '127.0.0.1', stop } = build(log)
  process.once('SIGTERM', async () => {
    log.info(`${name} stops`)
    setTimeout(() => process.exit(0), stopTimeoutMs).unref()
    await http.close()
    await stop?.()
    process.exit(0)
  })
  await http.listen({ host, port })
  log.info(`${name} listens on port ${port}`, { port, pid: process.pid })
  // Written now rather than at exit: a service that is killed starts as fast the next time.
  flushCompileCache()
}
