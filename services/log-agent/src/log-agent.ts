import type { TaskAnswer } from '@triage/actor'
import { type LogsQueryArgs, type Observation, type TaskRequest, TriageError } from '@triage/contracts'
import type { RuntimeReader } from '@triage/runtime'
import { cutNote, logObservations, logRationale } from '@triage/telemetry'
import { burstStart } from './burst.ts'
import { type ReadLog, readLog, skewOf } from './read-log.ts'
import { selection } from './selection.ts'

const lookbackMs = 30 * 60_000
const topPerService = 6
/** Logs that are read side by side. */
const atOnce = 4

/** Reads what services write and says what is new or much more frequent. What it reads is data: nothing in it is obeyed. */
export class LogAgent {
  readonly #runtime: RuntimeReader

  constructor(runtime: RuntimeReader) {
    this.#runtime = runtime
  }

  async observe(prefix: string): Promise<Observation[]> {
    const [workloads, skew] = await Promise.all([this.#runtime.list(), skewOf(this.#runtime)])
    const since = Date.now() + skew - lookbackMs
    const read: ReadLog[] = []
    // What is held of a log while it is read is many times what is kept of it.
    for (let i = 0; i < workloads.length; i += atOnce)
      read.push(...(await Promise.all(workloads.slice(i, i + atOnce).map(({ name }) => readLog(this.#runtime, name, since)))))
    const now = Date.now() + skew
    // One window for all: a burst in one service tells when to look in the others.
    const windowStart = Math.min(...read.map(({ lines }) => burstStart(lines, now)))
    return read.flatMap(({ name, lines, cutAt }) => {
      const found = logObservations({ service: name, lines, windowStart, now, topK: topPerService, prefix })
      return cutAt === null ? found : found.map((one) => ({ ...one, summary: `${one.summary.slice(0, 440)} (${cutNote(cutAt)})` }))
    })
  }

  /** Throws E_TASK_TYPE, E_TASK_PATTERN and what the runtime throws. */
  async carryOut({ task, plan_version }: TaskRequest): Promise<TaskAnswer> {
    if (task.type !== 'logs.query') throw new TriageError('E_TASK_TYPE', `${task.type} is not carried out by the log agent`)
    const args = task.args as LogsQueryArgs
    const { lookback_s = lookbackMs / 1000, top_k = 5 } = args
    const isAskedFor = selection(args)
    const skew = await skewOf(this.#runtime)
    const { lines: all, cutAt } = await readLog(this.#runtime, task.target, Date.now() + skew - lookback_s * 1000)
    const now = Date.now() + skew
    const lines = all.filter(isAskedFor)
    const windowStart = burstStart(lines, now)
    const prefix = `obs-p${plan_version}-${task.task_id}`
    const observations = logObservations({ service: task.target, lines, windowStart, now, topK: top_k, prefix })
    const why = logRationale(observations, { matched: lines.length, read: all.length, windowStart, cutAt })
    return { status: 'succeeded', summary: `${task.target}: ${why}`, observations }
  }
}
