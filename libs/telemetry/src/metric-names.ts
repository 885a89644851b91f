// What services call what is read of them: the shop's names, and those of the usual libraries. Both sources of metrics read this table.

/** How a service counts and times the requests that it answers. */
interface HttpConvention {
  /** Counter of requests, labelled with their status. */
  requests: string
  /** Sum and count of their times. */
  seconds: string
  timed: string
  /** Seconds in a unit of `seconds`. */
  unit: number
}

const timer = (name: string, requests = `${name}_count`, unit = 1): HttpConvention => ({
  requests,
  seconds: `${name}_sum`,
  timed: `${name}_count`,
  unit
})

/** The first whose counter a service has is the service's. */
export const httpConventions: readonly HttpConvention[] = [
  timer('http_request_duration_seconds', 'http_requests_total'),
  timer('http_request_duration_seconds'),
  // Micrometer, as in Spring Boot.
  timer('http_server_requests_seconds'),
  // OpenTelemetry, stable and before.
  timer('http_server_request_duration_seconds'),
  timer('http_server_duration_milliseconds', 'http_server_duration_milliseconds_count', 0.001)
]

/** The label that holds the status of an answer. */
export const statusLabels = ['status', 'code', 'status_code', 'http_response_status_code', 'http_status_code'] as const

/** Messages that wait; those of several queues are added up. */
export const lagGauges = ['queue_lag', 'kafka_consumergroup_lag', 'rabbitmq_queue_messages_ready'] as const
export const descriptorGauges = { used: 'process_open_fds', most: 'process_max_fds' } as const
/** Grows with every scrape as long as the process lives, whether or not it is asked anything. */
export const lifeCounter = 'process_cpu_seconds_total'

export const counters: ReadonlySet<string> = new Set([
  ...httpConventions.flatMap(({ requests, seconds, timed }) => [requests, seconds, timed]),
  lifeCounter
])
/** Everything that is read. */
export const metricNames: readonly string[] = [...counters, ...lagGauges, ...Object.values(descriptorGauges)]
