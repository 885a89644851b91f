// A compose project that somebody else runs. The launcher alone reaches the engine's socket; the swarm goes through a filtering
// proxy that knows nothing but this project. It is started and stopped by its owner: nothing of it is touched here.
import { TriageError } from '@triage/contracts'
import { operationsFile, type Workload } from '@triage/runtime'
import {
  type DockerProxy,
  type DockerRuntimeOptions,
  dockerRuntime,
  type Refreshed,
  refreshBaseline,
  serveDockerProxy
} from '@triage/runtime/docker'
import { runProbe } from '@triage/telemetry'
import { dataPaths } from './folders.ts'
import type { Admission, Patient, Ward } from './patient.ts'
import { type Rules, type RuntimeAccess, swarmRoles } from './swarm-processes.ts'

const startingMs = 30_000

interface AttachOptions {
  project: string
  /** unix:///path of the engine's socket. */
  engine: string
  rules: Rules
  /** Forget what was known as good before. */
  rebaseline: boolean
}

/** Without an injector: what belongs to somebody is not there to be broken. Throws E_CONFIG for an engine on another machine. */
export function attachedProject({ rules, ...options }: AttachOptions): Admission<AttachedProject> {
  const socket = socketOf(options.engine)
  return {
    roles: swarmRoles.filter((role) => role !== 'injector'),
    rules,
    prepare: (ward) => AttachedProject.prepare(ward, socket, options)
  }
}

export class AttachedProject implements Patient {
  readonly loadgenUrl = null
  readonly storefrontUrl = null
  readonly runtime: RuntimeAccess
  /** What is known as its good state, and since when. */
  readonly baseline: Refreshed
  readonly #proxy: DockerProxy

  private constructor(proxy: DockerProxy, runtime: RuntimeAccess, baseline: Refreshed) {
    this.#proxy = proxy
    this.runtime = runtime
    this.baseline = baseline
  }

  static async prepare(
    { run, data, log, signal }: Ward,
    socket: string,
    { project, engine, rebaseline }: Omit<AttachOptions, 'rules'>
  ): Promise<AttachedProject> {
    const baseline = dataPaths(data).baselineOf(project)
    await started({ url: engine, project }, log, signal)
    const found = await refreshBaseline({ url: engine, project, baseline, anew: rebaseline, examine: failingProbe })
    const proxy = await serveDockerProxy({ socket, project, host: '127.0.0.1', port: 0, ops: operationsFile(run) })
    const runtime: RuntimeAccess = (credential) => ({
      TRIAGE_RUNTIME: 'docker',
      TRIAGE_RUNTIME_URL: proxy.url,
      TRIAGE_RUNTIME_TOKEN: proxy.tokens[credential],
      TRIAGE_PROJECT: project,
      TRIAGE_BASELINE: baseline
    })
    return new AttachedProject(proxy, runtime, found)
  }

  /** It runs already. */
  async start(): Promise<void> {}

  close(): Promise<void> {
    return this.#proxy.close()
  }
}

/** The swarm asks the containers' ports from this machine: a remote engine's would not be there. Throws E_CONFIG. */
function socketOf(engine: string): string {
  const path = engine.startsWith('unix://') ? decodeURIComponent(engine.slice('unix://'.length)) : ''
  if (!path.startsWith('/'))
    throw new TriageError(
      'E_CONFIG',
      `"${engine}" is not the socket of an engine on this machine: --engine or DOCKER_HOST must be unix:///path`
    )
  return path
}

/** Waits a little for health checks that have not decided yet: what is not well now is not taken for good. */
async function started(options: DockerRuntimeOptions, log: Ward['log'], signal: AbortSignal): Promise<void> {
  const runtime = dockerRuntime(options)
  const deadline = performance.now() + startingMs
  for (let said = false; performance.now() < deadline; said = true) {
    signal.throwIfAborted()
    const names = (await runtime.list()).flatMap(({ name, health }) => (health === 'starting' ? [name] : []))
    if (names.length === 0) return
    if (!said) log(`waiting for ${names.join(', ')} to be healthy`)
    await new Promise((resolve) => setTimeout(resolve, 500))
  }
}

async function failingProbe({ probes }: Workload): Promise<string | null> {
  const results = await Promise.all(probes.map(async (probe) => ({ probe, result: await runProbe(probe) })))
  const failed = results.find(({ result }) => !result.ok)
  return failed ? `its probe ${failed.probe.name} fails` : null
}
