// Changes of a state that touch one plan or one task. The state before stays what it was.
import { currentPlan, type IncidentState, type PlanRun, type TaskRun } from './state.ts'

const replaceCurrent = (state: IncidentState, change: (run: PlanRun) => PlanRun): IncidentState => {
  const current = currentPlan(state)
  return current ? { ...state, plans: [...state.plans.slice(0, -1), change(current)] } : state
}

/** Changes the current plan when the fact is about it and it is not finished. */
export const inPlan = (state: IncidentState, version: number, change: (run: PlanRun) => PlanRun): IncidentState => {
  const current = currentPlan(state)
  return current && current.plan.plan_version === version ? replaceCurrent(state, change) : state
}

/** Changes one task, when it is not finished. */
export const inTask = (
  state: IncidentState,
  about: { plan_version: number; task_id: string },
  change: (task: TaskRun) => TaskRun
): IncidentState =>
  inPlan(state, about.plan_version, (run) => {
    const task = run.tasks[about.task_id]
    const open = task && ['dispatched', 'waiting', 'awaiting_approval'].includes(task.status) && !run.finished
    return open ? { ...run, tasks: { ...run.tasks, [about.task_id]: change(task) } } : run
  })
