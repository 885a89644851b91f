import { expect, test } from 'vitest'
import { parseExposition } from './prometheus.ts'
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
  expect(serviceMetrics(before, after)).toEqual({ requests: 40, request_rate: 20, error_ratio: 0.25, latency_ms: 50, queue_lag: 7 })
})

test('after a restart every counter counts from zero, also one that is already past its old value', () => {
  const after = scrape(
    1000,
    `http_requests_total{route="/a",status="200"} 9
http_requests_total{route="/a",status="500"} 1
http_request_duration_seconds_sum{route="/a"} 20
http_request_duration_seconds_count{route="/a"} 10`
  )
  expect(serviceMetrics(before, after)).toMatchObject({ requests: 10, request_rate: 10, error_ratio: 0.1, latency_ms: 2000 })
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
    queue_lag: null
  })
})
