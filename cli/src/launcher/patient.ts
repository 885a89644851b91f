// The mini-cloud as the launcher runs it, and how its users fare.
import { join } from 'node:path'
import type { FoundRedisServer } from '@triage/binaries'
import { TriageError } from '@triage/contracts'
import { type LoadStats, loadgen, minicloud } from '@triage/minicloud'
import { freePorts } from '@triage/ports'
import { ProcessHost, type SupervisedProcess } from '@triage/runtime'
import { runProbe } from '@triage/telemetry'

export interface Patient {
  host: ProcessHost
  loadgen: SupervisedProcess
  loadgenUrl: string
  storefrontUrl: string
}

/** Prepares a run of the mini-cloud; nothing is started yet. */
export async function preparePatient(run: string, natsServer: string, redis: FoundRedisServer, seed: number): Promise<Patient> {
  const data = join(run, 'minicloud')
  const ports = await freePorts(['postgres', 'redis', 'queue', 'storefront', 'catalog', 'orders', 'fulfilment', 'loadgen'])
  const node = process.execPath
  const manifest = await minicloud({ data, node, redisServer: redis.path, redisCli: redis.cli ? [redis.cli] : null, natsServer, ports })
  const storefrontUrl = `http://127.0.0.1:${ports.storefront}`
  const { command, env } = await loadgen({ data, node, port: ports.loadgen, target: storefrontUrl, seed })
  return {
    host: new ProcessHost(run, manifest),
    loadgen: { name: 'loadgen', command, env, cwd: data, log_file: join(run, 'logs', 'loadgen.log') },
    loadgenUrl: `http://127.0.0.1:${ports.loadgen}`,
    storefrontUrl
  }
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

async function firstFailure(host: ProcessHost): Promise<string | null> {
  for (const { name, probes } of host.list()) {
    for (const probe of probes) if (!(await runProbe(probe)).ok) return `${name} (${probe.name})`
  }
  return null
}

/** Waits until every probe passes and users are served without an error. Throws E_STEADY_STATE that names what is missing. */
export async function steadyState({ host, loadgenUrl }: Patient, timeoutMs: number, signal: AbortSignal): Promise<void> {
  const deadline = performance.now() + timeoutMs
  for (;;) {
    signal.throwIfAborted()
    const failing = await firstFailure(host)
    const stats = failing ? null : await loadStats(loadgenUrl, 5)
    if (stats && stats.requests >= 60 && stats.error_ratio === 0) return
    if (performance.now() > deadline)
      throw new TriageError('E_STEADY_STATE', failing ? `${failing} is not well` : `users see errors: ${stats?.last_error ?? 'no load'}`)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}
