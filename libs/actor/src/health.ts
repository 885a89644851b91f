import { createServer, type Server } from 'node:http'
import type { Refusals } from './refusals.ts'

/** In the text format of Prometheus. */
export const metricsText = (role: string, refusals: Pick<Refusals, 'counts'>): string =>
  [
    '# HELP triage_refused_messages_total Messages that were refused since the start.',
    '# TYPE triage_refused_messages_total counter',
    ...[...refusals.counts].map(([code, count]) => `triage_refused_messages_total{role="${role}",code="${code}"} ${count}`),
    ''
  ].join('\n')

/**
 * GET /healthz for container health checks: 200 when the process is ready and has its bus. GET /metrics: what it counts.
 * @param port on 127.0.0.1; 0: none
 */
export function serveHealth(port: number, healthy: () => boolean, metrics: () => string): Server | null {
  if (port === 0) return null
  const server = createServer(({ url }, response) => {
    if (url === '/metrics') response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4' }).end(metrics())
    else response.writeHead(healthy() ? 200 : 503).end()
  })
  return server.listen(port, '127.0.0.1')
}
