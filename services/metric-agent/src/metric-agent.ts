import type { TaskAnswer } from '@triage/actor'
import { type MetricsQueryArgs, type Observation, type ProbeCheckArgs, type TaskRequest, TriageError } from '@triage/contracts'
import type { RuntimeReader } from '@triage/runtime'
import type { Vitals } from '@triage/telemetry'
import { checkProbes } from './probe-check.ts'

type Log = { warn(fields: object, message: string): void }
const defaultWithinMs = 5_000

/** Samples every workload's metrics and says what is far from what it was. */
export class MetricAgent {
  readonly #runtime: RuntimeReader
  readonly #vitals: Vitals
  readonly #log: Log

  constructor(runtime: RuntimeReader, vitals: Vitals, log: Log) {
    this.#runtime = runtime
    this.#vitals = vitals
    this.#log = log
  }

  /** Looks again and again. A look that fails is a gap in the series, not an end. */
  sampleEvery(intervalMs: number): { stop(): Promise<void> } {
    const stopped = new AbortController()
    const loop = (async () => {
      while (!stopped.signal.aborted) {
        await this.#vitals.sample().catch((error) => this.#log.warn({ err: error }, 'could not look at the workloads'))
        await new Promise((resolve) => setTimeout(resolve, intervalMs))
      }
    })()
    return {
      stop: () => {
        stopped.abort()
        return loop
      }
    }
  }

  /** Looks now, then says what is far from what it was: a second ago may be before the fault. */
  async observe(prefix: string): Promise<Observation[]> {
    await this.#vitals.sample()
    return (await this.#vitals.read({ prefix })).observations
  }

  async carryOut(request: TaskRequest): Promise<TaskAnswer> {
    const { task } = request
    if (task.type === 'metrics.query') return this.#query(request, task.args as MetricsQueryArgs)
    if (task.type !== 'probe.check') throw new TriageError('E_TASK_TYPE', `${task.type} is not carried out by the metric agent`)
    const { within_ms = defaultWithinMs, for_ms = 0 } = task.args as ProbeCheckArgs
    const { probes } = await this.#runtime.inspect(task.target)
    const wrong = await checkProbes(probes, within_ms, for_ms)
    if (wrong === null)
      return { status: 'succeeded', summary: `every probe of ${task.target} passes${for_ms > 0 ? `, for ${for_ms / 1000} s` : ''}` }
    const error = new TriageError('E_TASK_POSTCONDITION', `${task.target}: ${wrong}`)
    return { status: 'failed', summary: error.message, error }
  }

  async #query({ task, plan_version }: TaskRequest, { lookback_s }: MetricsQueryArgs): Promise<TaskAnswer> {
    const { target } = task
    const lookback = lookback_s === undefined ? {} : { lookbackMs: lookback_s * 1000 }
    const { observations, latest, note } = await this.#vitals.read({
      prefix: `obs-p${plan_version}-${task.task_id}`,
      only: target,
      ...lookback
    })
    const metrics = latest.get(target)?.metrics
    const numbers = metrics
      ? `${metrics.request_rate.toFixed(1)} requests/s, ${((metrics.error_ratio ?? 0) * 100).toFixed(0)}% errors, ${(metrics.latency_ms ?? 0).toFixed(0)} ms`
      : 'no metrics'
    const summary = observations[0]?.summary ?? `${numbers}${note ? ` (${note})` : ''}`
    return { status: 'succeeded', summary: `${target}: ${summary}`, observations }
  }
}
