// A list of tasks as a plan: the order in which they are named is the order in which they are done.
import { canonicalJson } from '@triage/plan'
import { changes } from './draft.ts'
import type { ModelTask } from './schema.ts'

const label = ({ type, target, args }: ModelTask): string => canonicalJson([type, target, args])

/** Small models go on naming the same. What was just done is not done again, unless something was changed since. */
export const takenOnce = (tasks: readonly ModelTask[]): ModelTask[] =>
  tasks.filter((task, i) => {
    const lastChange = Math.max(0, tasks.slice(0, i).findLastIndex(changes))
    return !tasks.slice(lastChange, i).some((earlier) => label(earlier) === label(task))
  })

/** What changes something waits for all before it; what reads waits for all before it that change something. */
export const inOrder = (tasks: readonly ModelTask[]): ModelTask[] =>
  tasks.map((task, i) => {
    const before = tasks.slice(0, i).filter((earlier) => changes(task) || changes(earlier))
    return { ...task, dependencies: before.map(({ task_id }) => task_id) }
  })
