// For tests: tasks of a plan, and the command that hands one out.
import type { Task, TaskRequest } from './generated/types.ts'
import { idempotencyKeyOf } from './idempotency-key.ts'

/** The log agent reads what orders says. */
export const look = (task_id: string, more: Partial<Task> = {}): Task => ({
  task_id,
  type: 'logs.query',
  target: 'orders',
  args: {},
  dependencies: [],
  assigned_to: 'log-agent',
  estimated_cost_ms: 10,
  ...more
})

/** The action agent starts orders. */
export const act = (task_id: string, more: Partial<Task> = {}): Task =>
  look(task_id, { type: 'service.start', assigned_to: 'action-agent', expect: { condition: 'healthy', within_ms: 5000 }, ...more })

/** The first attempt at a task, for another minute. */
export const requestOf = (task: Task, incident_id = 'inc-20260101-1'): TaskRequest => ({
  incident_id,
  plan_version: 1,
  plan_id: 'plan-0123456789abcdef',
  attempt: 1,
  task,
  idempotency_key: idempotencyKeyOf(incident_id, 1, task),
  deadline: new Date(Date.now() + 60_000).toISOString()
})
