// Tasks that wait for a human: the question, and what may come of it.
import type { ApprovalChanged, ApprovalRequested } from '@triage/contracts'
import { inTask } from './change.ts'
import { type Asked, currentPlan, type IncidentState, type TaskRun } from './state.ts'

/** A task waits for a human from now on. It is asked once: an older command that asks again changes nothing. */
export const asked = (state: IncidentState, request: ApprovalRequested, at: number): IncidentState =>
  inTask(state, request, (task) =>
    task.asked ? task : { ...task, status: 'awaiting_approval', asked: { request, at, answer: null, reason: '' } }
  )

/** What an incident waits for humans to allow; nothing while it waits for anything else as well. */
export function awaited(state: IncidentState): ApprovalRequested[] {
  const run = currentPlan(state)
  const all = run && !run.finished && !state.end ? Object.values(run.tasks) : []
  if (all.some(({ status }) => status === 'dispatched')) return []
  return all.flatMap(({ status, asked }) => (status === 'awaiting_approval' && asked ? [asked.request] : []))
}

/** A human answered, nobody has to any more, or it is too late: the task no longer waits. Of several answers the first counts. */
export function answered(
  state: IncidentState,
  about: { plan_version: number; task_id: string; approval_id?: string },
  at: number,
  answer: NonNullable<Asked['answer']>,
  change: Partial<TaskRun> & { reason?: string }
): IncidentState {
  if (state.end) return state
  let waitedMs: number | null = null
  const next = inTask(state, about, (task) => {
    const { asked } = task
    if (!asked || task.status !== 'awaiting_approval' || (about.approval_id ?? asked.request.approval_id) !== asked.request.approval_id)
      return task
    waitedMs = at - asked.at
    const { reason = '', ...rest } = change
    return { ...task, ...rest, asked: { ...asked, answer, reason } }
  })
  return waitedMs === null ? state : { ...next, waitedMs: state.waitedMs + waitedMs }
}

/** The human wants another plan. It is proposed when the current one has come to its end. */
export function changed(state: IncidentState, fact: ApprovalChanged, at: number, origin: string): IncidentState {
  const next = answered(state, fact, at, 'changed', { status: 'failed', reason: 'an operator wants another action' })
  const { plan, task_id, signed } = fact
  const proposal = { plan, round: state.round + 1, source: origin, origin, at, approvals: { [task_id]: signed } }
  return next === state ? state : { ...next, change: proposal }
}
