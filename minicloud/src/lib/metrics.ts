import type { FastifyInstance } from 'fastify'
import { Counter, Gauge, Histogram, register } from 'prom-client'

/** CPU and memory of this process; the library's other default metrics cost more than they tell here. */
function processMetrics(): void {
  new Gauge({
    name: 'process_resident_memory_bytes',
    help: 'Resident memory size in bytes.',
    collect() {
      this.set(process.memoryUsage.rss())
    }
  })
  new Counter({
    name: 'process_cpu_seconds_total',
    help: 'User and system CPU time in seconds.',
    collect() {
      const { user, system } = process.cpuUsage()
      this.reset()
      this.inc((user + system) / 1e6)
    }
  })
}

const dependency = new Gauge({
  name: 'dependency_up',
  help: '1 when the dependency could be used the last time somebody looked.',
  labelNames: ['dependency']
})

export const dependencyUp = (name: string, up: boolean): void => dependency.set({ dependency: name }, up ? 1 : 0)

/** Counts and times the routes that are added after this call, and serves /metrics. */
export function httpMetrics(http: FastifyInstance): void {
  processMetrics()
  const requests = new Counter({ name: 'http_requests_total', help: 'Requests answered.', labelNames: ['method', 'route', 'status'] })
  const duration = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'Time to answer a request.',
    labelNames: ['route'],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 4]
  })
  http.get('/metrics', async (_request, reply) => reply.type(register.contentType).send(await register.metrics()))
  http.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url ?? 'none'
    if (['/healthz', '/readyz', '/metrics'].includes(route)) return
    requests.inc({ method: request.method, route, status: reply.statusCode })
    duration.observe({ route }, reply.elapsedTime / 1000)
  })
}
