import type { FastifyInstance } from 'fastify'
import { bounded } from './bounded.ts'
import { errorText } from './error-text.ts'
import { dependencyUp } from './metrics.ts'

/** Dependency → a check that throws when the dependency cannot be used. */
export type Checks = Record<string, () => Promise<unknown>>

const checkTimeoutMs = 1000

/** /healthz: the event loop turns. /readyz: every dependency can be used, each asked at once and for 1 s at most. What was found is a metric, too. */
export function healthRoutes(http: FastifyInstance, checks: Checks): void {
  http.get('/healthz', async () => ({ status: 'ok' }))
  http.get('/readyz', async (_request, reply) => {
    const states = await Promise.all(
      Object.entries(checks).map(
        async ([name, check]) => [name, await bounded(check(), checkTimeoutMs).then(() => 'ok', errorText)] as const
      )
    )
    for (const [name, state] of states) dependencyUp(name, state === 'ok')
    const ready = states.every(([, state]) => state === 'ok')
    return reply.code(ready ? 200 : 503).send({ ready, checks: Object.fromEntries(states) })
  })
}
