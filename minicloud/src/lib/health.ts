import type { FastifyInstance } from 'fastify'
import { bounded } from './bounded.ts'
import { errorText } from './error-text.ts'
import type { Logger } from './log.ts'
import { dependencyUp } from './metrics.ts'

/** Dependency → a check that throws when the dependency cannot be used. */
export type Checks = Record<string, () => Promise<unknown>>

const checkTimeoutMs = 1000
/** At most one line in this time says that a dependency cannot be used, in milliseconds. */
const warnEveryMs = 2000

/** /healthz: the event loop turns. /readyz: every dependency can be used, each asked at once and for 1 s at most. What was found is a metric and a line, too. */
export function healthRoutes(http: FastifyInstance, checks: Checks, log: Logger): void {
  const warnedAt = new Map<string, number>()
  const failed = (name: string, error: unknown): string => {
    const now = performance.now()
    if (now - (warnedAt.get(name) ?? Number.NEGATIVE_INFINITY) >= warnEveryMs) {
      warnedAt.set(name, now)
      log.failure('warn', `${name} cannot be used`, error)
    }
    return errorText(error)
  }
  http.get('/healthz', async () => ({ status: 'ok' }))
  http.get('/readyz', async (_request, reply) => {
    const states = await Promise.all(
      Object.entries(checks).map(
        async ([name, check]) =>
          [
            name,
            await bounded(check(), checkTimeoutMs).then(
              () => 'ok',
              (error) => failed(name, error)
            )
          ] as const
      )
    )
    for (const [name, state] of states) dependencyUp(name, state === 'ok')
    const ready = states.every(([, state]) => state === 'ok')
    return reply.code(ready ? 200 : 503).send({ ready, checks: Object.fromEntries(states) })
  })
}
