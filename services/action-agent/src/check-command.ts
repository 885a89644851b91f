import { hash } from 'node:crypto'
import {
  type ActionType,
  type EffectIntent,
  idempotencyKeyOf,
  type Task,
  type TaskRequest,
  TriageError,
  validArgs
} from '@triage/contracts'
import { effects } from './effects/catalogue.ts'
import type { Effect } from './effects/effect.ts'

/** SHA-256 of a task's arguments as they stand in a command, hex. */
export const argsHash = ({ args }: Pick<Task, 'args'>): string => hash('sha256', JSON.stringify(args))

/**
 * The effect that a command asks for, if it is a command that a scheduler gives: an action of this agent, with valid arguments, under the one key that such an
 * effect has. A scheduler that is no longer itself could otherwise have an allowed effect again under another key.
 * Throws E_TASK_TYPE, E_TASK_ARGS or E_TASK_KEY.
 */
export function checkCommand({ incident_id, plan_version, task, idempotency_key }: TaskRequest): Effect {
  const type = task.type as ActionType
  const effect = Object.hasOwn(effects, type) ? effects[type] : undefined
  if (!effect || !task.expect) throw new TriageError('E_TASK_TYPE', `${type} is not carried out by the action agent`)
  const wrong = validArgs(type, task.args)
  if (wrong) throw new TriageError('E_TASK_ARGS', `${type}: args${wrong}`)
  const own = idempotencyKeyOf(incident_id, plan_version, task)
  if (idempotency_key !== own) throw new TriageError('E_TASK_KEY', `${idempotency_key} is not the key of this effect, which is ${own}`)
  return effect
}

/** Whether the intent on record is that of the command. Throws E_TASK_KEY. */
export function checkIntent({ action, target, args_sha256, idempotency_key }: EffectIntent, { task }: TaskRequest): void {
  if (action !== task.type || target !== task.target || args_sha256 !== argsHash(task))
    throw new TriageError('E_TASK_KEY', `${idempotency_key} is on record for another effect: ${action} on ${target}`)
}
