// Task templates to tasks.
import { actions, limits, type Task, validArgs } from '@triage/contracts'
import { listNames, namesOf, type Rule, type Scalar, type TaskTemplate } from './rule.ts'
import type { Topology } from './topology.ts'

export type Names = Readonly<Record<string, readonly string[]>>

/** Fills in `$name`; of a list, all its values. */
export const fill = (text: string, names: Names): string =>
  text.replace(/\$([a-z_]+)/g, (_, name: string) => (names[name] ?? []).join(', '))

function build(template: TaskTemplate, task_id: string, names: Names): Task {
  const { type, target, args, expect } = template
  const filled = (value: Scalar): Scalar => (typeof value === 'string' ? fill(value, names) : value)
  return {
    task_id,
    type,
    target: fill(target, names),
    args: Object.fromEntries(Object.entries(args).map(([name, value]) => [name, filled(value)])),
    dependencies: [],
    assigned_to: actions[type].agent,
    // The catalogue's time-out: no task takes longer.
    estimated_cost_ms: actions[type].timeout_ms,
    ...(expect ? { expect } : {})
  }
}

/** Whether a task may be aimed at its target with these arguments: what was bound came from the world. */
const allowed = (task: Task, template: TaskTemplate, topology: Topology): boolean =>
  (topology.services.get(task.target)?.actions ?? []).includes(template.type) && validArgs(template.type, task.args) === null

/** The tasks that each template makes: one, or one for each value of the list that it names, as many as a plan has room for. */
function instances(rule: Rule, names: Names, topology: Topology): Map<TaskTemplate, Task[]> {
  const lists = listNames(rule)
  const listOf = (template: TaskTemplate): string | undefined => namesOf(template).find((name) => lists.includes(name))
  const repeating = rule.plan.filter((template) => listOf(template) !== undefined).length
  const each = Math.floor((limits.tasks_per_plan - (rule.plan.length - repeating)) / Math.max(1, repeating))
  return new Map(
    rule.plan.map((template) => {
      const list = listOf(template)
      if (list === undefined)
        return [template, [build(template, template.task_id, names)].filter((task) => allowed(task, template, topology))]
      const tasks = (names[list] ?? [])
        .map((value) => build(template, '', { ...names, [list]: [value] }))
        .filter((task) => allowed(task, template, topology))
        .slice(0, each)
      return [template, tasks.map((task, i) => ({ ...task, task_id: `${template.task_id}-${i + 1}` }))]
    })
  )
}

/**
 * The tasks of a rule's plan. A read that may not be aimed at its target is left out; null when that is true of every
 * instance of an action, or when nothing is left. Actions that repeat come one after the other: a plan orders what changes one target.
 */
export function expand(rule: Rule, names: Names, topology: Topology): Task[] | null {
  const made = instances(rule, names, topology)
  const acts = (template: TaskTemplate): boolean => actions[template.type].risk !== 'read'
  if ([...made].some(([template, tasks]) => acts(template) && tasks.length === 0)) return null
  const byId = new Map([...made].map(([template, tasks]) => [template.task_id, tasks]))
  const tasks = [...made].flatMap(([template, own]) => {
    const before = template.after.flatMap((id) => byId.get(id)!).map((task) => task.task_id)
    return own.map((task, i) => ({ ...task, dependencies: i > 0 && acts(template) ? [own[i - 1]!.task_id] : before }))
  })
  return tasks.length > 0 ? tasks : null
}
