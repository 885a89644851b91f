// A whole swarm beside a scripted model server, for many rehearsals one after the other.
import type { Rehearsal } from '@triage/cli/rehearsal'
import { type LoggedRun, runsOf } from '@triage/cli/runs'
import type { Session } from '@triage/cli/session'
import type { Fact } from '@triage/incident'
import { type Script, startModelServer, stepFor } from '@triage/model-server'
import { startComposeSwarm } from '../docker/compose-swarm.ts'
import { startBench } from '../support/swarm.ts'
import { type PlannerName, planners } from './planners.ts'
import { plant } from './planted.ts'
import type { Key } from './row.ts'

export const model = 'ollama/scripted:1b'

export interface StageOptions {
  runtime: Key['runtime']
  /** Whether a model is named; without one only `none` can be rehearsed. */
  asks: boolean
  budgetMs: number
  abort: AbortController
}

export interface Stage extends AsyncDisposable {
  session: Session
  /** Rehearses a fault with a planner. `onFact` may meddle. */
  rehearse(planner: PlannerName, fault: string, options?: { seed?: number; onFact?: (fact: Fact) => void }): Promise<Rehearsal>
  /** What planners put on record about an incident. */
  runs(incident: string): Promise<LoggedRun[]>
}

type Env = Record<string, string>

/** What containers need beside, to reach a server on the host. */
const outOfContainers = (url: string): Env => ({
  TRIAGE_MODEL_OFFLINE: 'false',
  OLLAMA_HOST: url.replace('127.0.0.1', 'host.docker.internal')
})

async function startSwarm({ runtime, abort }: StageOptions, env: Env) {
  if (runtime === 'docker') return startComposeSwarm(`triage-planners-${process.pid}`, env, abort)
  // The launcher hands it on.
  Object.assign(process.env, env)
  return startBench({}, abort)
}

export async function openStage(options: StageOptions): Promise<Stage> {
  const { runtime, asks, budgetMs } = options
  let script: Script = []
  await using started = new AsyncDisposableStack()
  const server = started.use(
    await startModelServer({
      script: (asked, nth) => stepFor(script, asked, nth),
      ...(runtime === 'docker' && { host: '0.0.0.0' })
    })
  )
  const env = {
    TRIAGE_MODEL_FAST: asks ? model : '',
    TRIAGE_MODEL_SEED: '1',
    TRIAGE_PLAN_BUDGET_MS: String(budgetMs),
    OLLAMA_HOST: server.ollama_url,
    ...(runtime === 'docker' && outOfContainers(server.ollama_url))
  }
  const { rehearse, session, world } = started.use(await startSwarm(options, env))
  const disposing = started.move()
  return {
    session,
    rehearse: async (planner, fault, more) => {
      const own = planners[planner]
      if (Boolean(own) !== asks) throw new Error(`${planner} cannot be rehearsed on a swarm ${asks ? 'with' : 'without'} a model`)
      script = own ?? []
      await using _planting = planner === 'obeys_planted_instructions' ? plant(world.storefrontUrl) : null
      return await rehearse(fault, more)
    },
    runs: (incident) => runsOf(session.bus, incident),
    [Symbol.asyncDispose]: () => disposing.disposeAsync()
  }
}
