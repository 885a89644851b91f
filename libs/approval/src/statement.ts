import { hash } from 'node:crypto'
import type { ApprovalStatement, Task } from '@triage/contracts'
import { canonicalJson } from '@triage/plan'

/** What an approval is about: one action, for one task of one plan of one incident. */
export interface Covered {
  incident_id: string
  plan_id: string
  plan_version: number
  task: Pick<Task, 'task_id' | 'type' | 'target' | 'args'>
}

/**
 * The statement that allows an action. Its id is a hash of all that it covers: another action, target, argument, task, plan
 * or incident is another approval.
 * @param fence of the command that needs it; older commands are not covered
 * @param expires_at RFC 3339; from then on it allows nothing
 */
export function statementOf({ incident_id, plan_id, plan_version, task }: Covered, fence: number, expires_at: string): ApprovalStatement {
  const { task_id, type: action, target, args } = task
  const about = { incident_id, plan_id, plan_version, task_id, action, target, args_sha256: hash('sha256', canonicalJson(args)) }
  return { approval_id: `apr-${hash('sha256', canonicalJson(about)).slice(0, 16)}`, ...about, fence, expires_at }
}
