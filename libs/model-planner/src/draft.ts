// What a plan needs beside a model's tasks: agents, costs, postconditions, order and a check at the end.
import { type ActionType, actions, type Expect, type Inventory, isActionType, limits, type Task } from '@triage/contracts'
import { dependsOn } from '@triage/plan'
import type { ModelTask } from './schema.ts'

/** What an action must have brought about follows from what must hold before it; most are to make their target well. */
const brought: Readonly<Record<string, Expect['condition']>> = {
  undeclared: 'stopped',
  config_drifted: 'config_restored',
  key_present: 'key_absent',
  network_lost: 'attached'
}
/** How long it is waited for, as a share of the time that the action has. */
const expectShare = 2 / 3

export const changes = (task: Pick<Task, 'type'>): boolean => isActionType(task.type) && actions[task.type].risk !== 'read'

/** A task as the catalogue completes it; one of a type that there is not stays as it is, for the validator to say so. */
export function complete(task: ModelTask): Task {
  if (!isActionType(task.type)) return { ...task, assigned_to: 'log-agent', estimated_cost_ms: 0 }
  const { agent, timeout_ms, precondition } = actions[task.type]
  const within_ms = Math.floor(timeout_ms * expectShare)
  const expect = changes(task) ? { expect: { condition: brought[precondition] ?? 'healthy', within_ms } } : {}
  return { ...task, assigned_to: agent, estimated_cost_ms: timeout_ms, ...expect }
}

/** Of two that change one target and have no order, the one that was named first comes first. */
export function ordered(tasks: readonly Task[]): Task[] {
  const done: Task[] = []
  for (const task of tasks) {
    const before = done.filter((other) => changes(task) && changes(other) && other.target === task.target)
    const unordered = before.filter(
      (other) => !dependsOn([...done, task], task.task_id, other.task_id) && !dependsOn(tasks, other.task_id, task.task_id)
    )
    done.push({ ...task, dependencies: [...task.dependencies, ...unordered.map(({ task_id }) => task_id)] })
  }
  return done
}

const may = (type: ActionType, target: string, { services }: Inventory): boolean =>
  services.some(({ name, actions: permitted }) => name === target && permitted.includes(type))

/** Checks of those of these services that may be checked, after some of the tasks that there are, as many as there is room for. */
export function checksOf(
  targets: readonly string[],
  inventory: Inventory,
  most: number = limits.tasks_per_plan,
  taken: readonly Task[] = [],
  after: readonly Task[] = []
): Task[] {
  const names = Array.from({ length: 2 * limits.tasks_per_plan }, (_, i) => `check-${i + 1}`)
  const free = names.filter((name) => !taken.some(({ task_id }) => task_id === name))
  return [...new Set(targets)]
    .filter((target) => may('probe.check', target, inventory))
    .slice(0, Math.max(0, Math.min(most, limits.tasks_per_plan - taken.length)))
    .map((target, i) => {
      const args = { within_ms: 10_000, for_ms: 1_000 }
      return complete({ task_id: free[i]!, type: 'probe.check', target, args, dependencies: after.map(({ task_id }) => task_id) })
    })
}

/** The tasks with a check behind those that change something, unless there is one: of what they were for, else of what suffered. */
export function checked(tasks: readonly Task[], blamed: string | null, suffering: readonly string[], inventory: Inventory): Task[] {
  const writers = tasks.filter(changes)
  if (writers.length === 0) return [...tasks]
  const isCheck = (task: Task): boolean =>
    task.type === 'probe.check' && writers.some(({ task_id }) => dependsOn(tasks, task.task_id, task_id))
  if (tasks.some(isCheck)) return [...tasks]
  const meant = [...(blamed === null ? [] : [blamed]), ...writers.map(({ target }) => target)]
  const canBe = meant.some((target) => may('probe.check', target, inventory))
  return [...tasks, ...checksOf(canBe ? meant : suffering, inventory, 2, tasks, writers)]
}
