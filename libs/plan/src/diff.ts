// What changes from one plan to the next. A task is the same when agent, type, target and arguments are.
import { hash } from 'node:crypto'
import type { Plan, Task } from '@triage/contracts'
import { canonicalJson } from './id.ts'

export interface PlanDiff {
  added: Task[]
  removed: Task[]
  kept: Task[]
}

const label = (task: Task): string => canonicalJson([task.assigned_to, task.type, task.target, task.args])

export function diffPlans(before: Plan | null, after: Plan): PlanDiff {
  const old = new Map((before?.tasks ?? []).map((task) => [label(task), task]))
  const now = new Map(after.tasks.map((task) => [label(task), task]))
  return {
    added: after.tasks.filter((task) => !old.has(label(task))),
    removed: (before?.tasks ?? []).filter((task) => !now.has(label(task))),
    kept: after.tasks.filter((task) => old.has(label(task)))
  }
}

/** Names a difference: two changes with the same signature change the same things. */
export function diffSignature(before: Plan | null, after: Plan): string {
  const { added, removed } = diffPlans(before, after)
  const content = [added.map(label).sort(), removed.map(label).sort()]
  return hash('sha256', canonicalJson(content)).slice(0, 16)
}
