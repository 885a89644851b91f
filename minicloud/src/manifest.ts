// The patient as the process runtime starts it: what must exist before, and which programs run with which settings.
import { randomBytes } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Probe } from '@triage/contracts'
import type { WorkloadSpec } from '@triage/runtime'
import type { CatalogConfig } from './catalog.ts'
import type { FulfilmentConfig } from './fulfilment.ts'
import { createCluster, type PostgresCluster } from './lib/postgres-cluster.ts'
import type { LoadgenConfig } from './loadgen.ts'
import type { OrdersConfig } from './orders.ts'
import type { StorefrontConfig } from './storefront.ts'

export type { LoadStats } from './lib/load-window.ts'
export { newRunFolder } from './lib/run-folder.ts'

type Name = 'postgres' | 'redis' | 'queue' | 'catalog' | 'orders' | 'fulfilment' | 'storefront'

interface MinicloudOptions {
  /** An empty folder for this run. As root: one that every user may pass through. */
  data: string
  /** Path of the node program, 24 or later. */
  node: string
  redisServer: string
  /** redis-cli and its first arguments; null: a stand-in of our own. */
  redisCli: string[] | null
  natsServer: string
  ports: Record<Name, number>
}

/** How to start the load generator. It is part of the harness, not of the patient. */
interface LoadgenOptions extends Partial<LoadgenConfig> {
  data: string
  node: string
  port: number
  target: string
}

const host = '127.0.0.1'
const programs = import.meta.dirname
const mebibyte = 1024 ** 2

/** The patient must not starve the swarm that looks after it. */
const nice = 10

/**
 * Prepares a run in `options.data` (settings with a random database password, an empty Postgres cluster) and returns its
 * workloads in start order. Throws TriageError E_NO_POSTGRES.
 */
export async function minicloud(options: MinicloudOptions): Promise<WorkloadSpec[]> {
  const { data, ports } = options
  const database = { host, port: ports.postgres, user: 'shop', password: randomBytes(18).toString('base64url'), name: 'postgres' }
  const queue = { url: `nats://${host}:${ports.queue}` }
  await mkdir(data, { recursive: true })
  for (const folder of ['config', 'redis', 'queue']) await mkdir(join(data, folder), { mode: 0o700, recursive: true })
  const cluster = await createCluster(data, database.user, database.password)

  const catalog: CatalogConfig = { port: ports.catalog, database, cache: { host, port: ports.redis } }
  const orders: OrdersConfig = { port: ports.orders, database, queue }
  const fulfilment: FulfilmentConfig = { port: ports.fulfilment, database, queue }
  const upstreams = { catalog: `http://${host}:${ports.catalog}`, orders: `http://${host}:${ports.orders}` }
  const storefront: StorefrontConfig = { port: ports.storefront, upstreams }
  return [
    postgres(options, cluster),
    redis(options),
    await natsServer(options),
    await service(options, 'catalog', 'service', catalog, ['postgres', 'redis']),
    await service(options, 'orders', 'service', orders, ['postgres', 'queue']),
    await service(options, 'fulfilment', 'worker', fulfilment, ['postgres', 'queue']),
    await service(options, 'storefront', 'service', storefront, ['catalog', 'orders'], [http('home', ports.storefront, '/', 1500)])
  ]
}

/** Writes the load generator's settings and returns the command that starts it. 15 requests a second unless told. */
export async function loadgen({ data, node, ...settings }: LoadgenOptions): Promise<{ command: string[]; env: Record<string, string> }> {
  await mkdir(join(data, 'config'), { mode: 0o700, recursive: true })
  const config: LoadgenConfig = { seed: 1, rate_per_s: 15, max_in_flight: 100, ...settings }
  return { command: nodeCommand(node, 'loadgen', await writeConfig(data, 'loadgen', config)), env: nodeEnv(data) }
}

async function service(
  { data, node, ports }: MinicloudOptions,
  name: Name,
  kind: 'service' | 'worker',
  config: object,
  depends_on: Name[],
  probes: Probe[] = []
): Promise<WorkloadSpec> {
  const config_file = await writeConfig(data, name, config)
  return {
    name,
    kind,
    command: nodeCommand(node, name, config_file),
    cwd: data,
    env: nodeEnv(data),
    nice,
    config_file,
    depends_on,
    probes: [http('alive', ports[name], '/healthz', 1000), http('ready', ports[name], '/readyz', 1500), ...probes],
    metrics_url: `http://${host}:${ports[name]}/metrics`,
    stop_signal: 'SIGTERM',
    grace_ms: 3000,
    log_format: 'json'
  }
}

function postgres({ data, ports }: MinicloudOptions, { postgres, folder, account }: PostgresCluster): WorkloadSpec {
  const settings = {
    listen_addresses: host,
    port: ports.postgres,
    unix_socket_directories: '',
    max_connections: 50,
    // Small, and quick to start; the data of a run need not outlive the machine.
    shared_buffers: '16MB',
    fsync: 'off',
    full_page_writes: 'off',
    io_method: 'sync',
    max_logical_replication_workers: 0,
    jit: 'off'
  }
  const flags = Object.entries(settings).flatMap(([key, value]) => ['-c', `${key}=${value}`])
  return {
    ...server('postgres', 'database', [postgres, '-D', folder, ...flags], data, ports.postgres),
    env: { TZ: 'UTC' },
    ...(account && { uid: account.uid, gid: account.gid }),
    stop_signal: 'SIGINT' // fast shutdown: does not wait for clients to leave
  }
}

function redis({ data, node, redisServer, redisCli, ports }: MinicloudOptions): WorkloadSpec {
  const listen = ['--port', String(ports.redis), '--bind', host, '--dir', join(data, 'redis')]
  const memory = ['--save', '', '--appendonly', 'no', '--maxmemory', '64mb', '--maxmemory-policy', 'allkeys-lru']
  const cli = redisCli ? [...redisCli, '-p', String(ports.redis)] : [node, join(programs, 'redis-cli.ts'), String(ports.redis)]
  return { ...server('redis', 'cache', [redisServer, ...listen, ...memory], data, ports.redis), commands: { 'redis-cli': cli } }
}

async function natsServer({ data, natsServer, ports }: MinicloudOptions): Promise<WorkloadSpec> {
  const jetstream = { store_dir: join(data, 'queue'), max_memory_store: 16 * mebibyte, max_file_store: 256 * mebibyte }
  const config_file = await writeConfig(data, 'queue', { server_name: 'queue', listen: `${host}:${ports.queue}`, jetstream })
  return { ...server('queue', 'queue', [natsServer, '-c', config_file], data, ports.queue), config_file }
}

function server(name: Name, kind: WorkloadSpec['kind'], command: string[], cwd: string, port: number): WorkloadSpec {
  const probe: Probe = { name: 'tcp', kind: 'tcp', url: `tcp://${host}:${port}`, timeout_ms: 1000 }
  return { name, kind, command, cwd, env: {}, nice, depends_on: [], probes: [probe], log_format: 'text' }
}

const http = (name: string, port: number, path: string, timeout_ms: number): Probe => ({
  name,
  kind: 'http',
  url: `http://${host}:${port}${path}`,
  timeout_ms
})

// A small young generation: a service of this size would otherwise grow by tens of megabytes before it is collected.
const nodeFlags = ['--max-semi-space-size=1']
const nodeCommand = (node: string, name: string, config: string) => [node, ...nodeFlags, join(programs, `${name}.ts`), config]

/** How each of our own programs is started, less its settings. */
export const shopPrograms: readonly string[][] = ['catalog', 'orders', 'fulfilment', 'storefront', 'loadgen'].map((name) => [
  ...nodeFlags,
  join(programs, `${name}.ts`)
])

// Programs that were compiled once start three times as fast and 15 MB smaller: a restart, or the next run where the launcher names a folder.
const nodeEnv = (data: string) => ({ NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE ?? join(data, 'compile-cache') })

async function writeConfig(data: string, name: string, config: object): Promise<string> {
  const file = join(data, 'config', `${name}.json`)
  await writeFile(file, `${JSON.stringify(config, null, 2)}\n`, { mode: 0o600 })
  return file
}
