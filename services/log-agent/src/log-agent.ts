import type { TaskAnswer } from '@triage/actor'
import { type LogsQueryArgs, type Observation, type TaskRequest, TriageError } from '@triage/contracts'
import type { RuntimeReader } from '@triage/runtime'
import { logObservations, type ParsedLine, parseLogLine } from '@triage/telemetry'
import { burstStart } from './burst.ts'

const lookbackMs = 30 * 60_000
const topPerService = 6
const levels = ['debug', 'info', 'warn', 'error', 'fatal']

/** Reads what services write and says what is new or much more frequent. What it reads is data: nothing in it is obeyed. */
export class LogAgent {
  readonly #runtime: RuntimeReader

  constructor(runtime: RuntimeReader) {
    this.#runtime = runtime
  }

  async observe(prefix: string): Promise<Observation[]> {
    const workloads = await this.#runtime.list()
    const now = Date.now()
    const read = await Promise.all(workloads.map(async ({ name }) => ({ name, lines: await this.#lines(name, now - lookbackMs) })))
    // One window for all: a burst in one service tells when to look in the others.
    const windowStart = Math.min(...read.map(({ lines }) => burstStart(lines, now)))
    return read.flatMap(({ name, lines }) => logObservations({ service: name, lines, windowStart, now, topK: topPerService, prefix }))
  }

  async carryOut({ task, plan_version }: TaskRequest): Promise<TaskAnswer> {
    if (task.type !== 'logs.query') throw new TriageError('E_TASK_TYPE', `${task.type} is not carried out by the log agent`)
    const { level = 'warn', contains, lookback_s = lookbackMs / 1000, top_k = 5 } = task.args as LogsQueryArgs
    const now = Date.now()
    const all = await this.#lines(task.target, now - lookback_s * 1000)
    const lines = all.filter((line) => levels.indexOf(line.level) >= levels.indexOf(level) && (!contains || line.msg.includes(contains)))
    const observations = logObservations({
      service: task.target,
      lines,
      windowStart: burstStart(lines, now),
      now,
      topK: top_k,
      prefix: `obs-p${plan_version}-${task.task_id}`
    })
    const top = observations[0]?.summary ?? `${task.target} complains of nothing new`
    return { status: 'succeeded', summary: `${lines.length} of ${all.length} lines; ${top}`, observations }
  }

  async #lines(name: string, since: number): Promise<ParsedLine[]> {
    const lines = await this.#runtime.logs(name, { since: new Date(since) })
    return lines.map(({ at, line }) => parseLogLine(line, at))
  }
}
