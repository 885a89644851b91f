// A whole swarm in containers beside the mini-cloud and what watches that, for one test file: `await using bench = await startComposeSwarm()`.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Rehearsal, rehearse, type World } from '@triage/cli/rehearsal'
import { Session } from '@triage/cli/session'
import { timelineLine } from '@triage/cli/timeline'
import type { Fact } from '@triage/incident'
import type { LoadStats } from '@triage/minicloud'
import { freePorts } from '@triage/ports'
import { type RuntimeInjector, readOperations } from '@triage/runtime'
import { dockerRuntime, takeBaseline } from '@triage/runtime/docker'
import { findScenario } from '@triage/scenarios'
import { buildImage, ComposeProject, docker, requireDocker } from './compose-project.ts'

const engine = 'unix:///var/run/docker.sock'

export interface ComposeSwarm extends AsyncDisposable {
  project: ComposeProject
  /** Milliseconds that `docker compose up --wait` took. */
  upMs: number
  /** What `docker compose cp operator:/run/triage` gives: a data folder for commands on the host. */
  access: string
  session: Session
  /** The mini-cloud by the engine itself, past the swarm and its proxy, beside a last known good state of its own. */
  runtime: RuntimeInjector
  world: World
  /** The command, in the container that is there for it. */
  triage(...args: string[]): Promise<string>
  stats(): Promise<LoadStats>
  /** The host's process id of the first process in a service's container. */
  pid(service: string): Promise<number>
  /** Rehearses a scenario. `onFact` may meddle. */
  rehearse(name: string, options?: { seed?: number; onFact?: (fact: Fact) => void }): Promise<Rehearsal>
}

/** @param env what the compose files are told beside the ports, which are free ones */
export async function startComposeSwarm(
  name: string,
  env: Record<string, string> = {},
  { signal } = new AbortController()
): Promise<ComposeSwarm> {
  await requireDocker()
  await buildImage()
  const ports = await freePorts(['NATS_PORT', 'SHOP_PORT', 'LOADGEN_PORT'])
  const told = Object.fromEntries(Object.entries(ports).map(([port, number]) => [port, String(number)]))
  const project = new ComposeProject(name, ['compose.yaml', 'test/docker/alertmanager.yaml'], { ...told, ...env })
  const folder = await mkdtemp(join(tmpdir(), 'triage-docker-'))
  const access = join(folder, 'access')
  const dispose = async (): Promise<void> => {
    await project[Symbol.asyncDispose]()
    await rm(folder, { recursive: true, force: true })
  }
  try {
    const started = performance.now()
    await project.compose('up', '--detach', '--wait', '--wait-timeout', '90')
    const upMs = Math.round(performance.now() - started)
    await project.compose('cp', 'operator:/run/triage', access)
    const session = await Session.open(access)
    const about = { url: engine, project: name, baseline: join(folder, 'baseline') }
    await takeBaseline(about)
    const runtime = dockerRuntime(about)
    const loadgenUrl = `http://127.0.0.1:${ports.LOADGEN_PORT}`
    const world: World = {
      workloads: () => runtime.list(),
      operations: async () => {
        await project.compose('cp', 'docker-proxy:/run/triage/ops.jsonl', folder)
        return readOperations(folder)
      },
      loadgenUrl,
      storefrontUrl: `http://127.0.0.1:${ports.SHOP_PORT}`
    }
    return {
      project,
      upMs,
      access,
      session,
      runtime,
      world,
      triage: (...args) => project.compose('exec', '--no-TTY', 'operator', 'triage', ...args),
      stats: async () => (await (await fetch(`${loadgenUrl}/stats?window_s=5`)).json()) as LoadStats,
      pid: async (service) =>
        Number(await docker(['inspect', '--format', '{{.State.Pid}}', await project.compose('ps', '--quiet', service)])),
      rehearse: async (name, { seed = 0, onFact } = {}) =>
        rehearse(world, session, {
          scenario: await findScenario(name),
          seed,
          signal,
          log: () => {},
          onFact: (fact) => {
            // TRIAGE_TEST_VERBOSE=1 shows each incident as it goes.
            if (process.env.TRIAGE_TEST_VERBOSE) console.error(timelineLine(fact, 0))
            onFact?.(fact)
          }
        }),
      [Symbol.asyncDispose]: async () => {
        await session[Symbol.asyncDispose]()
        await dispose()
      }
    }
  } catch (error) {
    await dispose()
    throw error
  }
}
