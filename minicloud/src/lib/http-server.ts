import { STATUS_CODES } from 'node:http'
import { type FastifyError, type FastifyInstance, fastify } from 'fastify'
import { type Checks, healthRoutes } from './health.ts'
import type { Logger } from './log.ts'
import { httpMetrics } from './metrics.ts'
import { RequestFailure } from './request-failure.ts'

/** One in this many requests leaves an info line. */
const sampleEvery = 20

/** The HTTP side that all services share: health, metrics, error lines, sampled request lines. The caller adds its routes. */
export function httpServer(log: Logger, checks: Checks): FastifyInstance {
  const http = fastify({ logger: false })
  healthRoutes(http, checks, log)
  httpMetrics(http)
  logRequests(http, log)
  return http
}

function logRequests(http: FastifyInstance, log: Logger): void {
  http.setErrorHandler((error: FastifyError | RequestFailure, request, reply) => {
    const status = error.statusCode ?? 500
    const meta = error instanceof RequestFailure ? error.meta : {}
    if (status >= 500) log.failure('error', `${request.method} ${request.url} failed`, error, { status, ...meta })
    // The caller of a shop is not told its insides.
    return reply.code(status).send({ error: status >= 500 ? STATUS_CODES[status] : error.message })
  })
  let answered = 0
  http.addHook('onResponse', async (request, reply) => {
    if (['/healthz', '/readyz', '/metrics'].includes(request.url) || ++answered % sampleEvery !== 0) return
    const ms = Math.round(reply.elapsedTime)
    log.info(`${request.method} ${request.url} answered ${reply.statusCode}`, { status: reply.statusCode, ms })
  })
}
