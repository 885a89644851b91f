// The whole patient as real processes on free ports, for tests.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { setPriority } from 'node:os'
import { createInterface } from 'node:readline'
import { findNatsServer, findRedisServer } from '@triage/binaries'
import { freePorts } from '@triage/ports'
import type { WorkloadSpec } from '@triage/runtime'
import { until } from '@triage/runtime/testing'
import { newRunFolder } from './lib/run-folder.ts'
import { loadgen, minicloud } from './manifest.ts'

type Spec = Pick<WorkloadSpec, 'name' | 'command' | 'env'> & Partial<WorkloadSpec>

interface Running {
  spec: Spec
  child: ChildProcess
}

const names = ['postgres', 'redis', 'queue', 'storefront', 'catalog', 'orders', 'fulfilment', 'loadgen'] as const
type Name = (typeof names)[number]

export class TestShop implements AsyncDisposable {
  readonly specs: WorkloadSpec[]
  readonly ports: Record<Name, number>
  /** What each workload wrote, line by line. */
  readonly lines = new Map<string, string[]>()
  readonly #data: string
  readonly #running = new Map<string, Running>()

  /** Everything but the load generator, spawned at once. */
  static async start(): Promise<TestShop> {
    const search = { env: process.env, log: console.error }
    const [{ path: redisServer }, { path: natsServer }] = await Promise.all([findRedisServer(search), findNatsServer(search)])
    const data = await newRunFolder()
    const ports = await freePorts(names)
    const specs = await minicloud({ data, node: process.execPath, redisServer, redisCli: null, natsServer, ports })
    const shop = new TestShop(data, ports, specs)
    for (const spec of specs) shop.start(spec)
    return shop
  }

  private constructor(data: string, ports: Record<Name, number>, specs: WorkloadSpec[]) {
    this.#data = data
    this.ports = ports
    this.specs = specs
  }

  start(spec: Spec): void {
    const [program = '', ...args] = spec.command
    const identity = spec.uid === undefined ? {} : { uid: spec.uid, gid: spec.gid }
    const child = spawn(program, args, { ...identity, cwd: this.#data, env: spec.env, stdio: ['ignore', 'pipe', 'pipe'] })
    if (child.pid) setPriority(child.pid, 10)
    const lines: string[] = this.lines.get(spec.name) ?? []
    this.lines.set(spec.name, lines)
    for (const stream of [child.stdout, child.stderr]) createInterface(stream).on('line', (line) => lines.push(line))
    this.#running.set(spec.name, { spec, child })
  }

  async startLoad(): Promise<void> {
    const options = { data: this.#data, node: process.execPath, port: this.ports.loadgen, target: this.url('storefront') }
    this.start({ name: 'loadgen', ...(await loadgen(options)) })
    await until('load', async () => (await this.get('loadgen', '/healthz')).ok)
  }

  /** Ends a workload and returns its exit code; null when a signal ended it. */
  async stop(name: Name, signal?: NodeJS.Signals): Promise<number | null> {
    const { spec, child } = this.#running.get(name)!
    if (child.exitCode !== null || child.signalCode !== null) return child.exitCode
    const exit = once(child, 'exit')
    child.kill(signal ?? spec.stop_signal ?? 'SIGTERM')
    await exit
    return child.exitCode
  }

  pid = (name: string): number => this.#running.get(name)!.child.pid!
  url = (name: Name): string => `http://127.0.0.1:${this.ports[name]}`
  spec = (name: Name): WorkloadSpec => this.specs.find((spec) => spec.name === name)!
  get = (name: Name, path: string): Promise<Response> => fetch(this.url(name) + path, { signal: AbortSignal.timeout(5000) })
  post = (name: Name, path: string, body: object): Promise<Response> =>
    fetch(this.url(name) + path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })

  /** Resolves when every service says that it is ready. */
  async ready(): Promise<void> {
    for (const name of ['catalog', 'orders', 'fulfilment', 'storefront'] as const)
      await until(`${name} ready`, async () => (await this.get(name, '/readyz')).ok)
  }

  /** The parsed log lines of a service. */
  log(name: Name): { level: string; msg: string; meta?: Record<string, unknown> }[] {
    return (this.lines.get(name) ?? []).map((line) => JSON.parse(line))
  }

  async config<Config>(name: Name): Promise<Config> {
    return JSON.parse(await readFile(this.spec(name).config_file!, 'utf8')) as Config
  }

  /** Writes a service's settings; they count from its next start. */
  async configure(name: Name, config: object): Promise<void> {
    await writeFile(this.spec(name).config_file!, JSON.stringify(config))
  }

  /** Runs redis-cli as the manifest says; returns what it printed. */
  redis(...args: string[]): string {
    const [program = '', ...first] = this.spec('redis').commands!['redis-cli']!
    return execFileSync(program, [...first, ...args], { encoding: 'utf8' }).trim()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // Customers before servers, servers before what they need.
    for (const [name, { child }] of [...this.#running].reverse()) {
      child.kill('SIGCONT')
      await this.stop(name as Name)
    }
    await rm(this.#data, { recursive: true })
  }
}
