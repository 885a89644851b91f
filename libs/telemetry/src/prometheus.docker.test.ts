// One real service whose behaviour is known, scraped by a real Prometheus and by ourselves: both must say the same.
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { MetricAnomalyObservation } from '@triage/contracts'
import type { RuntimeReader, Workload } from '@triage/runtime'
import { workload } from '@triage/runtime/testing'
import { GenericContainer, Wait } from 'testcontainers'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { MetricSource } from './metric-source.ts'
import { Prometheus } from './prometheus.ts'
import { Scrapes } from './scrapes.ts'
import { Vitals } from './vitals.ts'

/** What a service has done so far; it does as much again in every tenth of a second. */
class Busy implements AsyncDisposable {
  requests = 0
  errors = 0
  seconds = 0
  cpu = 0
  lag = 0
  errorRatio = 0
  latency = 0.02
  readonly #http: Server
  readonly #timer: NodeJS.Timeout

  constructor() {
    this.#http = createServer((_, reply) => reply.setHeader('content-type', 'text/plain; version=0.0.4').end(this.#exposition()))
    this.#timer = setInterval(() => this.#work(), 100)
  }

  /** Resolves to its port. It listens where containers can reach it. */
  async listen(): Promise<number> {
    await new Promise<void>((resolve) => this.#http.listen(0, '0.0.0.0', resolve))
    return (this.#http.address() as AddressInfo).port
  }

  #work(): void {
    this.requests += 2
    this.errors += 2 * this.errorRatio
    this.seconds += 2 * this.latency
    this.cpu += 0.01
  }

  #exposition(): string {
    return `http_requests_total{method="GET",route="/a",status="200"} ${this.requests - this.errors}
http_requests_total{method="GET",route="/b",status="503"} ${this.errors}
http_request_duration_seconds_bucket{route="/a",le="1"} ${this.requests}
http_request_duration_seconds_sum{route="/a"} ${this.seconds}
http_request_duration_seconds_count{route="/a"} ${this.requests}
queue_lag ${this.lag}
process_cpu_seconds_total ${this.cpu}
process_open_fds 20
process_max_fds 1024
`
  }

  /** Ends as a process does: what it counted is gone. */
  restart(): void {
    this.requests = this.errors = this.seconds = this.cpu = 0
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer)
    this.#http.closeAllConnections()
    await new Promise((resolve) => this.#http.close(resolve))
  }
}

const measured = (name: string, port: number): Workload => workload(name, { metrics_url: `http://127.0.0.1:${port}/metrics` })

const busy = new Busy()
const calm = new Busy()
const stack = new AsyncDisposableStack()
let ours: Vitals
let theirs: Vitals

const config = (targets: [string, number][]): string =>
  JSON.stringify({
    global: { scrape_interval: '1s', scrape_timeout: '1s' },
    scrape_configs: [
      {
        job_name: 'shop',
        static_configs: targets.map(([service, port]) => ({ targets: [`host.docker.internal:${port}`], labels: { service } }))
      }
    ]
  })

beforeAll(async () => {
  stack.use(busy)
  stack.use(calm)
  const targets: [string, number][] = [
    ['orders', await busy.listen()],
    ['catalog', await calm.listen()]
  ]
  const container = await new GenericContainer('prom/prometheus:v3.5.3')
    .withCopyContentToContainer([{ content: config(targets), target: '/etc/prometheus/prometheus.yml', mode: 0o644 }])
    .withExtraHosts([{ host: 'host.docker.internal', ipAddress: 'host-gateway' }])
    .withExposedPorts(9090)
    .withWaitStrategy(Wait.forHttp('/-/ready', 9090))
    .start()
  stack.defer(async () => void (await container.stop({ timeout: 0 })))
  const url = `http://127.0.0.1:${container.getMappedPort(9090)}`
  const list = async (): Promise<Workload[]> => targets.map(([name, port]) => measured(name, port))
  const vitals = (source: MetricSource): Vitals => new Vitals({ list } as RuntimeReader, source, { withUsage: false })
  ours = vitals(new Scrapes())
  theirs = vitals(new Prometheus({ url, label: 'service', stepMs: 1000 }))
})
afterAll(() => stack.disposeAsync())

/** Both look once a second for so long. */
async function look(seconds: number): Promise<void> {
  for (let i = 0; i < seconds; i++) {
    await Promise.all([ours.sample(), theirs.sample(), new Promise((resolve) => setTimeout(resolve, 1000))])
  }
}

const kinds = (all: readonly { kind: string; service: string; attributes: object }[]): unknown[] =>
  all.map(({ kind, service, attributes }) => {
    const { metric, detector } = attributes as MetricAnomalyObservation['attributes']
    return [kind, service, metric, detector]
  })

/** What both say, once they agree on what it is about. */
async function both(): Promise<[ours: MetricAnomalyObservation[], theirs: MetricAnomalyObservation[]]> {
  const [one, other] = await Promise.all([ours.read({ prefix: 'obs-a' }), theirs.read({ prefix: 'obs-a' })])
  expect(kinds(other.observations)).toEqual(kinds(one.observations))
  return [one.observations as MetricAnomalyObservation[], other.observations as MetricAnomalyObservation[]]
}

test('a calm service is no news to either, and both measure the same', async () => {
  await look(15)
  expect(await both()).toEqual([[], []])
  const [one, other] = await Promise.all([ours.read({ prefix: 'obs-a' }), theirs.read({ prefix: 'obs-a' })])
  for (const { latest } of [one, other]) {
    const { metrics } = latest.get('catalog')!
    expect(metrics).toMatchObject({ error_ratio: 0, queue_lag: 0, open_fds: 20, max_fds: 1024, moved: true, restarted: false })
    expect(metrics!.request_rate).toBeGreaterThan(10)
    expect(metrics!.request_rate).toBeLessThan(30)
    expect(metrics!.latency_ms).toBeCloseTo(20, 0)
  }
})

test('errors, slowness and messages that wait: the same findings with the same figures', async () => {
  Object.assign(busy, { errorRatio: 0.5, latency: 0.4, lag: 60 })
  await look(5)
  const [one, other] = await both()
  expect(kinds(one)).toEqual([
    ['metric_anomaly', 'orders', 'error_ratio', 'threshold'],
    ['metric_anomaly', 'orders', 'latency_ms', 'robust_z'],
    ['metric_anomaly', 'orders', 'lag', 'robust_z']
  ])
  for (const [i, { attributes }] of one.entries()) {
    const { value, baseline } = other[i]!.attributes
    expect(Math.abs(value - attributes.value)).toBeLessThan(0.15 * attributes.value)
    expect(Math.abs(baseline - attributes.baseline)).toBeLessThan(0.15 * attributes.baseline + 0.01)
  }
})

test('a process that begins anew is no anomaly to either, and what is over is over', async () => {
  Object.assign(busy, { errorRatio: 0, latency: 0.02, lag: 0 })
  busy.restart()
  await look(6)
  expect(await both()).toEqual([[], []])
})

test('a service that answers no more scrapes is missed by both', async () => {
  await busy[Symbol.asyncDispose]()
  await look(7)
  const [one] = await both()
  expect(kinds(one)).toEqual([['metric_anomaly', 'orders', 'request_rate', 'absent']])
})
