import type { Task } from './generated/types.ts'

/** Names the one effect that a task of a plan may have: `inc-20260101-1-<plan version>-<task id>`. */
export const idempotencyKeyOf = (incident_id: string, plan_version: number, { task_id }: Pick<Task, 'task_id'>): string =>
  `${incident_id}-${plan_version}-${task_id}`
