import type { Toxic } from '@triage/toxics'
import type { Fault } from './fault.ts'
import { jobName } from './job-name.ts'
import { runs } from './runs.ts'

interface Upstream {
  host: string
  port: number
}

const postgres = { host: 'postgres', port: 5432 }
/** Whom each service calls. */
const edges: Record<string, Upstream[]> = {
  storefront: [
    { host: 'catalog', port: 8080 },
    { host: 'orders', port: 8080 }
  ],
  catalog: [postgres, { host: 'redis', port: 6379 }],
  orders: [postgres],
  fulfilment: [postgres]
}

/** Where the image has the program. */
const program = ['node', 'libs/toxics/src/main.ts']
const cwd = '/app'

/** A proxy that nobody declared stands between the target and one of those that it calls. */
export function edgeFault(description: string, toxicOf: (pick: (n: number) => number) => Toxic): Fault {
  return {
    description,
    runtimes: ['docker'],
    targets: Object.keys(edges),
    prepare: async ({ runtime, target, pick }) => {
      const { run_id } = await runtime.inspect(target)
      const upstreams = edges[target]!
      const options = { upstream: upstreams[pick(upstreams.length)], toxics: [toxicOf(pick)], seed: pick(2 ** 31) }
      return { job: jobName(pick), run_id, options: JSON.stringify(options) }
    },
    apply: async ({ runtime, target, netadminImage: netadmin_image }, { job, options }) => {
      const spec = { name: job!, kind: 'worker', cwd, env: {}, log_format: 'text', netadmin_image } as const
      await runtime.launch({ ...spec, command: [...program, options!], depends_on: [], probes: [] }, target)
    },
    undo: async ({ runtime, target }, { job, run_id }) => {
      const find = async () => (await runtime.list()).find(({ name }) => name === job)
      if (!(await find())) return
      await runtime.stop(job!)
      const proxy = await find()
      await runtime.remove(job!)
      // It takes itself out of the way when it is told to end. Where it could not, only another run of the target is free of it.
      if (proxy?.exit_code !== 0 && (await runs(runtime, target, run_id))) await runtime.restart(target)
    }
  }
}

const toxicity = 1
const stream = 'downstream'

export const edgeLatency = edgeFault('what one upstream answers comes late', (pick) => ({
  type: 'latency',
  ...{ stream, toxicity, latency_ms: 800 + 100 * pick(5), jitter_ms: 100 }
}))

export const edgeReset = edgeFault('connections to one upstream are reset', () => ({ type: 'reset_peer', stream, toxicity, timeout_ms: 0 }))

export const edgeBlackhole = edgeFault('connections to one upstream open and nothing comes back', () => ({
  type: 'timeout',
  ...{ stream, toxicity, timeout_ms: 0 }
}))
