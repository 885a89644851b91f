// Test data: a small shop's inventory, and what collectors report of it.
import { join } from 'node:path'
import {
  type ActionType,
  actions,
  type ConfigDriftAttributes,
  type Inventory,
  type InventoryService,
  type LogTemplateAttributes,
  type Observation,
  type ProbeFailureAttributes,
  type StateAttributes
} from '@triage/contracts'
import type { DecideInput } from './decide.ts'

export const rulebookFolder = join(import.meta.dirname, '../../../rulebook')

const at = '2025-11-21T05:00:00.000Z'

export function workload(name: string, kind: InventoryService['kind'], ...depends_on: string[]): InventoryService {
  const permitted = (Object.keys(actions) as ActionType[]).filter((type) => actions[type].kinds.includes(kind))
  const managed = kind !== 'unknown'
  return { name, kind, managed, depends_on, probes: [], desired_replicas: Number(managed), status: 'running', actions: permitted }
}

/** storefront → catalog, orders; catalog → postgres, redis; orders and fulfilment → postgres, queue. What is undeclared sits beside catalog. */
export const shop = (...undeclared: string[]): Inventory => ({
  runtime: 'process',
  taken_at: at,
  services: [
    workload('storefront', 'service', 'catalog', 'orders'),
    workload('catalog', 'service', 'postgres', 'redis'),
    workload('orders', 'service', 'postgres', 'queue'),
    workload('fulfilment', 'worker', 'postgres', 'queue'),
    workload('postgres', 'database'),
    workload('redis', 'cache'),
    workload('queue', 'queue'),
    ...undeclared.map((name) => ({ ...workload(name, 'unknown'), beside: 'catalog' }))
  ]
})

type Of<K extends Observation['kind']> = Extract<Observation, { kind: K }>['attributes']

/** An observation of any kind, with an id of its own. */
export function see<K extends Observation['kind']>(kind: K, service: string, attributes: Of<K>, n = 1): Observation {
  const observation_id = `obs-t-r0-${kind}-${service}-${n}`.replaceAll('_', '-')
  return { observation_id, kind, service, at, summary: `${kind} of ${service}`, attributes } as Observation
}

export const probe = (service: string, name: string, failure: ProbeFailureAttributes['failure'], consecutive = 3): Observation =>
  see('probe_failure', service, { probe: name, failure, consecutive, ...(failure === 'status' ? { http_status: 503 } : {}) }, name.length)

export const exited = (service: string, how: { exit_signal?: string; exit_code?: number } = { exit_signal: 'SIGKILL' }): Observation =>
  see('state', service, { status: 'exited', desired: 'running', ...how })

export const complaint = (service: string, template: string, more: Partial<LogTemplateAttributes> = {}, n = 1): Observation =>
  see('log_template', service, { template, level: 'error', count: 12, new: true, example: template, ...more }, n)

const values = { error_ratio: [0.6, 0], latency_ms: [2100, 20], request_rate: [0, 15], lag: [90, 0] } as const
const detectors = { error_ratio: 'threshold', latency_ms: 'robust_z', request_rate: 'absent', lag: 'robust_z' } as const
export const anomaly = (service: string, metric: keyof typeof values): Observation =>
  see(
    'metric_anomaly',
    service,
    { metric, value: values[metric][0], baseline: values[metric][1], detector: detectors[metric] },
    metric.length
  )

export const drift = (service: string, ...paths: string[]): Observation =>
  see('config_drift', service, { hash: 'a'.repeat(64), baseline_hash: 'b'.repeat(64), paths } satisfies ConfigDriftAttributes)

export const load = (service: string, value: number, managed = false, share?: number): Observation =>
  see('resource', service, { resource: 'cpu_load', value, baseline: 0, managed, ...(share !== undefined && { share }) })

export const state = (service: string, attributes: Partial<StateAttributes>): Observation =>
  see('state', service, { status: 'running', desired: 'running', ...attributes })

export const lost = (service: string, network: string, n = 1): Observation => see('network', service, { network }, n)

export const appeared = (name: string, beside: string): Observation => see('change', name, { change: 'appeared', seconds_ago: 30, beside })

/** Storefront's side of an upstream that fails. */
export const blames = (upstream: string, error_type: string): Observation[] => [
  anomaly('storefront', 'error_ratio'),
  complaint('storefront', `POST /checkout failed: ${upstream}: ${error_type}`, { upstream, error_type })
]

/** What collectors report of each fault: first signs at its root, then those that it causes elsewhere. */
export const faults = {
  catalogKilled: [
    exited('catalog'),
    probe('catalog', 'alive', 'refused'),
    probe('catalog', 'ready', 'refused'),
    anomaly('catalog', 'request_rate'),
    // Checkout asks the catalog for the price first: orders is asked no more, and well.
    anomaly('orders', 'request_rate'),
    ...blames('catalog', 'ECONNREFUSED')
  ],
  postgresKilled: [
    exited('postgres'),
    probe('postgres', 'tcp', 'refused'),
    ...['catalog', 'orders', 'fulfilment'].flatMap((service) => [
      probe(service, 'ready', 'status'),
      complaint(service, 'request failed: connect ECONNREFUSED <addr>', { error_type: 'ECONNREFUSED' })
    ]),
    anomaly('catalog', 'error_ratio'),
    anomaly('orders', 'error_ratio'),
    ...blames('orders', 'HTTP 500')
  ],
  ordersHung: [
    probe('orders', 'alive', 'timeout'),
    probe('orders', 'ready', 'timeout'),
    anomaly('orders', 'request_rate'),
    anomaly('storefront', 'latency_ms'),
    ...blames('orders', 'TimeoutError')
  ],
  ordersDrift: [
    drift('orders', 'database.host'),
    see('change', 'orders', { change: 'config', seconds_ago: 20 }),
    probe('orders', 'ready', 'status'),
    anomaly('orders', 'error_ratio'),
    complaint('orders', 'POST /orders failed: getaddrinfo ENOTFOUND <str>', { error_type: 'ENOTFOUND' }),
    ...blames('orders', 'HTTP 500')
  ],
  poison: [
    anomaly('catalog', 'error_ratio'),
    complaint('catalog', 'GET /products/<num> failed: SyntaxError: Unexpected token <str>', {
      error_type: 'SyntaxError',
      key: 'catalog:product:7'
    }),
    ...blames('catalog', 'HTTP 500')
  ],
  hog: [
    load('batch-job', 1.9),
    see('change', 'batch-job', { change: 'appeared', seconds_ago: 15 }),
    probe('catalog', 'alive', 'timeout'),
    probe('orders', 'ready', 'timeout'),
    ...['storefront', 'catalog', 'orders'].map((service) => anomaly(service, 'latency_ms')),
    ...blames('catalog', 'TimeoutError')
  ]
}

/** The same of containers. Each with where its root is. */
export const containerFaults = {
  catalogPaused: [
    state('catalog', { status: 'paused' }),
    probe('catalog', 'alive', 'timeout'),
    probe('catalog', 'ready', 'timeout'),
    anomaly('catalog', 'request_rate'),
    ...blames('catalog', 'TimeoutError')
  ],
  queueRemoved: [
    state('queue', { status: 'absent', replicas_missing: 1 }),
    probe('orders', 'ready', 'status'),
    complaint('orders', 'queue cannot be used: no answer within <num> ms', { level: 'warn', error_type: 'ETIMEDOUT' })
  ],
  ordersOneOfTwo: [state('orders', { replicas_missing: 1 })],
  // Its port takes connections as long as the kernel does: only the engine's own check tells.
  postgresHung: [
    probe('postgres', 'health', 'timeout', 3),
    ...['catalog', 'orders', 'fulfilment'].flatMap((service) => [
      probe(service, 'ready', 'status'),
      complaint(service, 'database cannot be used: no answer within <num> ms', { level: 'warn', error_type: 'ETIMEDOUT' })
    ]),
    anomaly('orders', 'error_ratio')
  ],
  catalogTooSmall: [
    state('catalog', { status: 'starting', exit_signal: 'SIGKILL', oom_killed: true, restarts: 4, replicas_missing: 1 }),
    drift('catalog', 'limits.memory_bytes'),
    see('change', 'catalog', { change: 'config', seconds_ago: 20 }, 2),
    probe('catalog', 'alive', 'refused'),
    probe('catalog', 'ready', 'refused'),
    ...blames('catalog', 'ECONNREFUSED')
  ],
  // Between two of its ends.
  ordersWrongCommand: [
    state('orders', { restarts: 3 }),
    drift('orders', 'command'),
    probe('orders', 'ready', 'refused'),
    ...blames('orders', 'ECONNREFUSED')
  ],
  catalogDrift: [
    drift('catalog', 'environment.REDIS_URL'),
    complaint('catalog', 'the cache cannot be used, reading from the database: getaddrinfo ENOTFOUND <str>', {
      level: 'warn',
      error_type: 'ENOTFOUND'
    })
  ],
  catalogSaturated: [
    load('catalog', 0.49, true, 0.98),
    probe('catalog', 'alive', 'timeout'),
    probe('catalog', 'ready', 'timeout'),
    anomaly('catalog', 'latency_ms'),
    anomaly('storefront', 'latency_ms'),
    ...blames('catalog', 'TimeoutError')
  ],
  ordersDetached: [
    lost('orders', 'shop_data'),
    probe('orders', 'ready', 'status'),
    anomaly('orders', 'error_ratio'),
    complaint('orders', 'POST /orders failed: getaddrinfo ENOTFOUND postgres', { error_type: 'ENOTFOUND' }),
    ...blames('orders', 'HTTP 500')
  ],
  catalogSlowEdge: [
    appeared('batch-job', 'catalog'),
    anomaly('catalog', 'latency_ms'),
    complaint('catalog', 'the cache cannot be used, reading from the database: no answer within <num> ms', {
      level: 'warn',
      error_type: 'ETIMEDOUT'
    }),
    anomaly('storefront', 'latency_ms')
  ],
  catalogResetEdge: [
    appeared('batch-job', 'catalog'),
    probe('catalog', 'ready', 'status'),
    complaint('catalog', 'GET /products/<num> failed: read ECONNRESET', { error_type: 'ECONNRESET' }),
    anomaly('catalog', 'error_ratio'),
    ...blames('catalog', 'HTTP 500')
  ],
  ordersCutOff: [
    probe('orders', 'ready', 'status'),
    complaint('orders', 'POST /orders failed: Query read timeout', { error_type: 'Error' }),
    complaint('orders', 'database cannot be used: no answer within <num> ms', { level: 'warn', error_type: 'ETIMEDOUT' }, 2),
    anomaly('orders', 'error_ratio'),
    ...blames('orders', 'TimeoutError')
  ],
  // Nothing reaches it; it asks itself, and says so.
  ordersUnreachable: [
    probe('orders', 'alive', 'timeout'),
    probe('orders', 'ready', 'timeout'),
    anomaly('orders', 'request_rate'),
    complaint('orders', 'database cannot be used: no answer within <num> ms', { level: 'warn', error_type: 'ETIMEDOUT' }),
    ...blames('orders', 'TimeoutError')
  ]
}

export const input = (observations: readonly Observation[], more: Partial<DecideInput> = {}): DecideInput => ({
  incident: { id: 'inc-20251121-1', text: 'customers cannot check out' },
  round: 0,
  observations,
  inventory: shop('batch-job'),
  tried: [],
  ...more
})
