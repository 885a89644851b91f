import { expect, test } from 'vitest'
import { parseExposition } from './exposition.ts'
import { type Scrape, serviceMetrics } from './service-metrics.ts'

const scrape = (at: number, text: string): Scrape => ({ at, samples: parseExposition(text) })

const before = scrape(
  0,
  `http_requests_total{route="/a",status="200"} 100
http_requests_total{route="/a",status="500"} 2
http_request_duration_seconds_sum{route="/a"} 10
http_request_duration_seconds_count{route="/a"} 102`
)

test('increases over the time between two scrapes', () => {
  const after = scrape(
    2000,
    `http_requests_total{route="/a",status="200"} 130
http_requests_total{route="/a",status="500"} 4
http_requests_total{route="/b",status="503"} 8
http_request_duration_seconds_sum{route="/a"} 12
http_request_duration_seconds_count{route="/a"} 142
queue_lag 7`
  )
  expect(serviceMetrics(before, after)).toMatchObject({
    requests: 40,
    request_rate: 20,
    error_ratio: 0.25,
    latency_ms: 50,
    queue_lag: 7,
    restarted: false
  })
})

test('after a restart every counter counts from zero, also one that is already past its old value', () => {
  const after = scrape(
    1000,
    `http_requests_total{route="/a",status="200"} 9
http_requests_total{route="/a",status="500"} 1
http_request_duration_seconds_sum{route="/a"} 20
http_request_duration_seconds_count{route="/a"} 10`
  )
  expect(serviceMetrics(before, after)).toMatchObject({
    requests: 10,
    request_rate: 10,
    error_ratio: 0.1,
    latency_ms: 2000,
    restarted: true
  })
})

test('a counter that went away is a restart too', () => {
  const after = scrape(1000, 'http_requests_total{route="/a",status="200"} 103')
  expect(serviceMetrics(before, after).requests).toBe(103)
})

test('without requests there is nothing to measure', () => {
  expect(serviceMetrics(before, { ...before, at: 1000 })).toEqual({
    requests: 0,
    request_rate: 0,
    error_ratio: null,
    latency_ms: null,
    queue_lag: null,
    open_fds: null,
    max_fds: null,
    restarted: false,
    moved: null
  })
})

test.each([
  ['Micrometer', 'http_server_requests_seconds', 'status', 1],
  ['OpenTelemetry', 'http_server_request_duration_seconds', 'http_response_status_code', 1],
  ['OpenTelemetry before', 'http_server_duration_milliseconds', 'http_status_code', 1000]
])("%s's names", (_, name, status, unit) => {
  const says = (at: number, fine: number, wrong: number): Scrape =>
    scrape(
      at,
      `${name}_count{${status}="200"} ${fine}
${name}_count{${status}="500"} ${wrong}
${name}_sum{${status}="200"} ${fine * 0.02 * unit}
${name}_sum{${status}="500"} ${wrong * 0.02 * unit}
process_open_fds 30
process_max_fds 1024`
    )
  const metrics = serviceMetrics(says(0, 100, 0), says(1000, 108, 2))
  expect(metrics).toMatchObject({ requests: 10, error_ratio: 0.2, open_fds: 30, max_fds: 1024 })
  expect(metrics.latency_ms).toBeCloseTo(20)
})

test('of several instances each begins anew for itself', () => {
  const says = (at: number, a: number, b: number): Scrape =>
    scrape(at, `http_requests_total{instance="a",status="200"} ${a}\nhttp_requests_total{instance="b",status="200"} ${b}`)
  expect(serviceMetrics(says(0, 1000, 500), says(1000, 5, 510))).toMatchObject({ requests: 15, restarted: true })
})

test('counters that stand still, although the process should use the processor', () => {
  const says = (at: number, cpu: number): Scrape => scrape(at, `http_requests_total{status="200"} 7\nprocess_cpu_seconds_total ${cpu}`)
  expect(serviceMetrics(says(0, 1), says(1000, 1.01)).moved).toBe(true)
  expect(serviceMetrics(says(0, 1), says(1000, 1)).moved).toBe(false)
})
