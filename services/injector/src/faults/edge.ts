import { TriageError } from '@triage/contracts'
import type { Toxic } from '@triage/toxics'
import type { Fault } from './fault.ts'
import { jobName } from './job-name.ts'
import { runs } from './runs.ts'
import { type Upstream, upstreams } from './upstreams.ts'

/** Where the image has the program. */
const program = ['node', 'libs/toxics/src/main.ts']
const cwd = '/app'

/** A proxy that nobody declared stands between the target and one of those that it calls. */
function edgeFault(description: string, toxicOf: (upstream: Upstream, pick: (n: number) => number) => Toxic): Fault {
  return {
    description,
    runtimes: ['docker'],
    targets: Object.keys(upstreams),
    prepare: async ({ runtime, target, pick }) => {
      const { run_id } = await runtime.inspect(target)
      const upstream = upstreams[target]![pick(upstreams[target]!.length)]!
      const { host, port } = upstream
      // Who does not run has no address, and the proxy would wait for one in silence.
      const { status } = await runtime.inspect(host)
      if (status !== 'running' && status !== 'paused')
        throw new TriageError('E_FAULT_FAILED', `${target} does not reach ${host} anyway: it is ${status}`)
      const options = { upstream: { host, port }, toxics: [toxicOf(upstream, pick)], seed: pick(2 ** 31) }
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

export const edgeLatency = edgeFault('what one upstream answers comes late', ({ late_ms }, pick) => ({
  type: 'latency',
  ...{ stream, toxicity, latency_ms: late_ms * (1 + pick(4) / 10), jitter_ms: late_ms / 10 }
}))

export const edgeReset = edgeFault('connections to one upstream are reset', () => ({ type: 'reset_peer', stream, toxicity, timeout_ms: 0 }))

export const edgeBlackhole = edgeFault('connections to one upstream open and nothing comes back', () => ({
  type: 'timeout',
  ...{ stream, toxicity, timeout_ms: 0 }
}))
