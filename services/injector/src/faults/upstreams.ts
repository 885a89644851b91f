export interface Upstream {
  host: string
  port: number
  /** So late an answer is noticed, and waited for: who needs several for one thing waits several times. */
  late_ms: number
}

const postgres = { host: 'postgres', port: 5432, late_ms: 500 }
/** Whom each service calls. */
export const upstreams: Record<string, Upstream[]> = {
  storefront: [
    { host: 'catalog', port: 8080, late_ms: 900 },
    { host: 'orders', port: 8080, late_ms: 900 }
  ],
  catalog: [postgres, { host: 'redis', port: 6379, late_ms: 300 }],
  orders: [postgres],
  fulfilment: [postgres]
}
