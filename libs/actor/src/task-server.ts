import type { Stored } from '@triage/bus'
import { type Agent, limits, type Observation, type TaskFinished, type TaskRequest, TriageError } from '@triage/contracts'
import type { ReceivedMessage } from '@triage/envelope'
import type { Actor, Running } from './process.ts'

/** What came of a task. waiting: nothing yet; it was put on record what for, and the task is handed out again when that has come. */
export interface TaskAnswer {
  status: TaskFinished['status'] | 'waiting'
  summary: string
  observations?: Observation[]
  error?: TriageError
}

/**
 * Takes a role's tasks off the queue one at a time, carries each out and says what came of it. Delivery is at least once:
 * `carryOut` must be safe to call again. A task that cannot be read or handled five times goes to the dead letters.
 */
export async function serveTasks(
  actor: Actor,
  carryOut: (request: TaskRequest, message: ReceivedMessage<'task.request.v1'>) => Promise<TaskAnswer>
): Promise<Running> {
  const { bus, inbox, log } = actor
  const role = actor.role as Agent
  let inFlight = 0

  const handle = async (stored: Stored): Promise<void> => {
    const message = await inbox.command('task.request.v1', stored)
    if (!message) return // It is taken off the queue, and nothing that it says of itself is believed: nobody is answered.
    inFlight++
    try {
      await answer(actor, message, carryOut)
    } finally {
      inFlight--
    }
  }
  const poisoned = async (stored: Stored): Promise<void> => {
    log.error({ subject: stored.subject, seq: stored.seq }, 'a task was delivered too often; it goes to the dead letters')
    await bus.append(
      `deadletter.${role}`,
      stored.body,
      { 'Triage-Mac': stored.header('Triage-Mac'), 'Triage-Key': stored.header('Triage-Key') },
      { id: `deadletter:${role}:${stored.seq}` }
    )
  }
  const subscription = await bus.work('TASKS', role, { handle, poisoned })
  return { inFlight: () => inFlight, stop: () => subscription.stop() }
}

async function answer(
  actor: Actor,
  message: ReceivedMessage<'task.request.v1'>,
  carryOut: Parameters<typeof serveTasks>[1]
): Promise<void> {
  const { payload: request, envelope } = message
  const startedAt = new Date().toISOString()
  const result = await carryOut(request, message).catch((error): TaskAnswer => {
    const failure = TriageError.from(error, 'E_TASK_FAILED')
    // Another worker does the same: this one has nothing to say. The task is delivered again and finds what came of it.
    if (failure.code === 'E_BUS_CONFLICT') throw failure
    return { status: 'failed', summary: failure.message.slice(0, 1000), error: failure }
  })
  if (result.status === 'waiting') return
  const payload: TaskFinished = {
    plan_version: request.plan_version,
    task_id: request.task.task_id,
    attempt: request.attempt,
    status: result.status,
    summary: result.summary.slice(0, 1000),
    observations: (result.observations ?? []).slice(0, limits.observations_per_collector),
    ...(result.error && { error: result.error.report, retryable: result.error.retry }),
    started_at: startedAt,
    finished_at: new Date().toISOString()
  }
  const key = `${request.plan_version}:${request.task.task_id}:${request.attempt}`
  await actor.outbox.fact(
    request.incident_id,
    { type: 'incident.task-finished.v1', key, plan_version: request.plan_version, payload },
    { traceparent: envelope.traceparent, cause: envelope.id }
  )
}
