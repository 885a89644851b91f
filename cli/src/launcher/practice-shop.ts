// The mini-cloud as the launcher runs it, and how its users fare.
import { join } from 'node:path'
import { findRedisServer } from '@triage/binaries'
import { TriageError } from '@triage/contracts'
import { type LoadStats, loadgen, minicloud } from '@triage/minicloud'
import { freePorts } from '@triage/ports'
import { ProcessHost, type ProcessServer, type SupervisedProcess, Supervisor, serveProcessHost } from '@triage/runtime'
import { runProbe } from '@triage/telemetry'
import type { Admission, Patient, Ward } from './patient.ts'
import { onProcesses, practiceRules, type Rules, type RuntimeAccess, swarmRoles } from './swarm-processes.ts'

const steadyMs = 45_000

export interface ShopOptions {
  /** Of its users' choices. */
  seed: number
  /** What differs from how it is usually run. */
  rules?: Partial<Rules>
}

export const practiceShop = ({ seed, rules }: ShopOptions): Admission<PracticeShop> => ({
  roles: swarmRoles,
  rules: { ...practiceRules, ...rules },
  prepare: (ward) => PracticeShop.prepare(ward, seed)
})

export class PracticeShop implements Patient {
  readonly host: ProcessHost
  readonly runtime: RuntimeAccess
  readonly loadgenUrl: string
  readonly storefrontUrl: string
  readonly #server: ProcessServer
  readonly #loadgen: SupervisedProcess
  readonly #supervisor: Supervisor

  private constructor(
    { host, loadgenUrl, storefrontUrl }: Pick<PracticeShop, 'host' | 'loadgenUrl' | 'storefrontUrl'>,
    server: ProcessServer,
    loadgen: SupervisedProcess,
    run: string
  ) {
    this.host = host
    this.runtime = onProcesses(server)
    this.loadgenUrl = loadgenUrl
    this.storefrontUrl = storefrontUrl
    this.#server = server
    this.#loadgen = loadgen
    this.#supervisor = new Supervisor(run)
  }

  static async prepare({ run, natsServer, log, signal }: Ward, seed: number): Promise<PracticeShop> {
    const redis = await findRedisServer({ env: process.env, log, signal })
    const data = join(run, 'minicloud')
    const ports = await freePorts(['postgres', 'redis', 'queue', 'storefront', 'catalog', 'orders', 'fulfilment', 'loadgen'])
    const node = process.execPath
    const manifest = await minicloud({ data, node, redisServer: redis.path, redisCli: redis.cli ? [redis.cli] : null, natsServer, ports })
    const storefrontUrl = `http://127.0.0.1:${ports.storefront}`
    const loadgenUrl = `http://127.0.0.1:${ports.loadgen}`
    const { command, env } = await loadgen({ data, node, port: ports.loadgen, target: storefrontUrl, seed })
    const users = { name: 'loadgen', command, env, cwd: data, log_file: join(run, 'logs', 'loadgen.log') }
    const host = new ProcessHost(run, manifest)
    return new PracticeShop({ host, loadgenUrl, storefrontUrl }, await serveProcessHost(host), users, run)
  }

  /** Resolves in the steady state, which is then known as the good one. Throws E_STEADY_STATE that names what is missing. */
  async start(signal: AbortSignal): Promise<void> {
    await this.host.startAll()
    this.#supervisor.start([this.#loadgen])
    await this.#steadyState(signal)
    this.host.markBaseline()
  }

  async close(): Promise<void> {
    await this.#supervisor.close()
    await this.host.close()
    await this.#server.close()
  }

  /** Waits until every probe passes and users are served without an error. */
  async #steadyState(signal: AbortSignal): Promise<void> {
    const deadline = performance.now() + steadyMs
    for (;;) {
      signal.throwIfAborted()
      const failing = await firstFailure(this.host)
      const stats = failing ? null : await loadStats(this.loadgenUrl, 5)
      if (stats && stats.requests >= 60 && stats.error_ratio === 0) return
      if (performance.now() > deadline)
        throw new TriageError('E_STEADY_STATE', failing ? `${failing} is not well` : `users see errors: ${stats?.last_error ?? 'no load'}`)
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  }
}

async function firstFailure(host: ProcessHost): Promise<string | null> {
  for (const { name, probes } of host.list()) {
    for (const probe of probes) if (!(await runProbe(probe)).ok) return `${name} (${probe.name})`
  }
  return null
}

/** Null when the load generator does not answer. */
export async function loadStats(url: string, windowS = 3): Promise<LoadStats | null> {
  try {
    const response = await fetch(`${url}/stats?window_s=${windowS}`, { signal: AbortSignal.timeout(2_000) })
    return (await response.json()) as LoadStats
  } catch {
    return null
  }
}
