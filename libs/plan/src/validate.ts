// Judges a plan against the schema, the graph, the action catalogue and the inventory. Pure; never throws.
import {
  type ActionType,
  actions,
  checkSchema,
  type ErrorCode,
  type ErrorReport,
  type Inventory,
  isActionType,
  limits,
  type Plan,
  type Task,
  validArgs
} from '@triage/contracts'
import { dependsOn, findCycle } from './graph.ts'

const complaint = (code: ErrorCode, message: string): ErrorReport => ({ code, message })

function checkGraph(plan: Plan): ErrorReport[] {
  const errors: ErrorReport[] = []
  const names = plan.tasks.map((task) => task.task_id)
  for (const name of new Set(names.filter((candidate, i) => names.indexOf(candidate) !== i))) {
    errors.push(complaint('E_PLAN_DUPLICATE_TASK', `the id ${name} is used more than once`))
  }
  for (const task of plan.tasks) {
    const missing = task.dependencies.filter((name) => !names.includes(name))
    for (const name of missing)
      errors.push(complaint('E_PLAN_DANGLING', `${task.task_id} depends on ${name}, which the plan does not have`))
  }
  const cycle = findCycle(plan.tasks)
  if (cycle) errors.push(complaint('E_PLAN_CYCLE', `${cycle.join(' → ')} (each depends on the next)`))
  return errors
}

function checkTask(task: Task, inventory: Inventory): ErrorReport[] {
  const { task_id, type, target } = task
  if (!isActionType(type)) return [complaint('E_PLAN_UNKNOWN_TYPE', `${task_id}: there is no action ${type}`)]
  const errors: ErrorReport[] = []
  const spec = actions[type]
  const service = inventory.services.find((candidate) => candidate.name === target)
  if (!service) errors.push(complaint('E_PLAN_UNKNOWN_TARGET', `${task_id}: there is no service ${target}`))
  else if (!service.actions.includes(type)) {
    errors.push(
      complaint(
        'E_PLAN_TARGET_KIND',
        `${task_id}: ${type} may not be aimed at ${target}; allowed: ${service.actions.join(', ') || 'nothing'}`
      )
    )
  }
  if (task.assigned_to !== spec.agent)
    errors.push(complaint('E_PLAN_AGENT', `${task_id}: ${type} is for ${spec.agent}, not for ${task.assigned_to}`))
  const wrong = validArgs(type, task.args)
  if (wrong) errors.push(complaint('E_PLAN_ARGS', `${task_id}: args${wrong}`))
  if (spec.risk !== 'read' && !task.expect)
    errors.push(complaint('E_PLAN_NO_EXPECT', `${task_id}: ${type} says nothing of what it expects`))
  return errors
}

/** Two tasks that change one target must have an order. */
function checkWriters(plan: Plan): ErrorReport[] {
  const writers = plan.tasks.filter((task) => actions[task.type as ActionType]?.risk !== 'read')
  const pairs = writers.flatMap((a, i) => writers.slice(i + 1).map((b) => [a, b] as const))
  return pairs
    .filter(
      ([a, b]) => a.target === b.target && !dependsOn(plan.tasks, a.task_id, b.task_id) && !dependsOn(plan.tasks, b.task_id, a.task_id)
    )
    .map(([a, b]) => complaint('E_PLAN_UNORDERED', `${a.task_id} and ${b.task_id} both change ${a.target}`))
}

/** Everything that is wrong with a plan; empty when it may be carried out. */
export function validatePlan(plan: unknown, inventory: Inventory): ErrorReport[] {
  const tasks = (plan as Plan | null)?.tasks
  if (Array.isArray(tasks) && tasks.length > limits.tasks_per_plan) {
    return [complaint('E_PLAN_TOO_MANY_TASKS', `${tasks.length} tasks, ${limits.tasks_per_plan} are allowed`)]
  }
  const wrong = checkSchema('plan', plan)
  if (wrong) return [complaint('E_PLAN_SCHEMA', wrong)]
  const valid = plan as Plan
  const errors = [...checkGraph(valid), ...valid.tasks.flatMap((task) => checkTask(task, inventory))]
  return errors.length > 0 ? errors.slice(0, 50) : checkWriters(valid)
}
